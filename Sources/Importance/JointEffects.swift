import Transformer

/// Sets of components intervened on together, against the sum of their parts.
public struct JointEffects: Sendable {
  public let method: InterventionMethod
  /// Every component of any set, each once.
  public let components: [Component]
  public let sets: [[Component]]
  public let base: Outcomes
  /// By component: its effect alone.
  public let singles: [Outcomes]
  /// By set: their effect together.
  public let joint: [Outcomes]

  /// By set, sample by sample: the joint effect less the sum of the single effects. Positive where components are
  /// redundant: together they matter more than one by one.
  public func interaction(ofSet set: Int) -> Outcomes {
    joint[set] - sumOfSingles(ofSet: set)
  }

  public func sumOfSingles(ofSet set: Int) -> Outcomes {
    sets[set].reduce(Outcomes(repeating: 0, count: base.count)) { sum, component in
      components.firstIndex(of: component).map { sum + singles[$0] } ?? sum
    }
  }
}

extension CausalEvaluation {
  /// The joint effect of each set and the single effects of its members, in the same passes.
  public func jointEffects(of sets: [[Component]], _ method: InterventionMethod) throws -> JointEffects {
    var seen = Set<Component>()
    let components = sets.joined().filter { seen.insert($0).inserted }
    let all = try effects(of: components.map { [$0] } + sets, [method])
    guard let found = all[method] else { throw ImportanceError.mismatch("no effects under \(method)") }
    return JointEffects(
      method: method, components: components, sets: sets, base: found.base,
      singles: Array(found.effects.prefix(components.count)),
      joint: Array(found.effects.dropFirst(components.count)))
  }

  /// All pairs of components, i before j: K(K − 1)/2 sets.
  public func pairEffects(of components: [Component], _ method: InterventionMethod) throws -> JointEffects {
    let pairs = components.indices.flatMap { i in
      components[(i + 1)...].map { [components[i], $0] }
    }
    return try jointEffects(of: pairs, method)
  }
}
