import Tasks
import Transformer

extension Transformer {
  /// Exact matches of the same samples without and with each of many single replacements, in one pass that
  /// shares what the variants have in common.
  ///
  /// - Parameters:
  ///   - sequences: one model's samples, any number: they are streamed through in bounded memory.
  ///   - ablations: each alone. Not for patches.
  /// - Returns: without replacement, then with each: [1 + ablations][sequences].
  /// - Throws: `ImportanceError.missingMeans`, `patchedRows`.
  package func pairedExactMatches(
    _ sequences: [TokenSequence], _ ablations: [(component: Component, kind: ReplacementKind)],
    means: ComponentMeans? = nil
  ) throws -> [[Bool]] {
    let edits = ablations.map { Edit(lane: 0, component: $0.component, kind: $0.kind) }
    guard means != nil || !edits.contains(where: \.needsMeans) else { throw ImportanceError.missingMeans }
    let variants = try edits.map { edit in
      let source: ForkedForward.Source =
        switch edit.kind {
        case .zero: .zeros
        case .mean, .published: .constant(edit.meanOffset(configuration))
        case .patch: throw ImportanceError.patchedRows
        }
      return ForkedForward.Variant(edits: [
        ForkedForward.Edit(point: edit.point, columns: edit.columns(configuration), source: source)
      ])
    }
    let constants = try means?.makeBuffer(on: device) ?? device.makeBuffer(count: 1)
    return try ForkedForward(self, constants: constants)
      .scores(ForkedForward.Samples(sequences), [ForkedForward.Variant()] + variants)
      .map { $0.map(\.isExact) }
  }
}
