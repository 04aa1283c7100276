import Transformer

/// The effects of sets of components, compared with the sum of their single effects.
package struct JointEffects: Sendable {
  package let sets: [[Component]]
  package let base: Outcomes
  /// For each component, its effect alone.
  package let singles: [Component: Outcomes]
  /// For each set, the effect of all of its components together.
  package let joint: [Outcomes]

  /// - Parameters:
  ///   - singles: effects of sets with one component each; they include every component of `joint`.
  ///   - joint: effects over the same samples by the same method.
  /// - Throws: `ImportanceError.mismatch`.
  package init(singles: SetEffects, joint: SetEffects) throws {
    guard singles.method == joint.method, singles.base == joint.base else {
      throw ImportanceError.mismatch("joint effects and single ones are of one method and the same samples")
    }
    sets = joint.sets
    base = joint.base
    self.joint = joint.effects
    let alone = zip(singles.sets, singles.effects).filter { $0.0.count == 1 }
    self.singles = Dictionary(alone.map { ($0[0], $1) }) { first, _ in first }
    if let missing = sets.joined().first(where: { self.singles[$0] == nil }) {
      throw ImportanceError.mismatch("the effect of \(missing.name) alone was not measured")
    }
  }

  /// All pairs of components, the first before the second: K(K − 1)/2 sets.
  package static func pairs(of components: [Component]) -> [[Component]] {
    components.indices.flatMap { i in components[(i + 1)...].map { [components[i], $0] } }
  }

  /// For a set, sample by sample: the joint effect minus the sum of the single effects. It is positive for
  /// redundant components, which matter more together than one by one.
  package func interaction(ofSet set: Int) -> Outcomes {
    joint[set] - sumOfSingles(ofSet: set)
  }

  /// For a set, sample by sample: the sum of the single effects.
  package func sumOfSingles(ofSet set: Int) -> Outcomes {
    sets[set].compactMap { singles[$0] }.reduce(Outcomes(repeating: 0, count: base.count), +)
  }
}
