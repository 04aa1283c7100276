import Tasks
import Transformer

extension Transformer {
  /// Exact matches of the same samples without and with each of many single replacements, in one pass that
  /// shares what the variants have in common.
  ///
  /// - Parameters:
  ///   - sequences: one model's samples, any number: they are streamed through in bounded memory.
  ///   - ablations: each alone; in component order. Not for patches.
  /// - Returns: without replacement, then with each: [1 + ablations][sequences].
  /// - Throws: `ImportanceError.missingMeans`; `ModelError.batch` for ablations out of order.
  public func pairedExactMatches(
    _ sequences: [TokenSequence], _ ablations: [(component: Component, kind: ReplacementKind)],
    means: ComponentMeans? = nil
  ) throws -> [[Bool]] {
    let edits = ablations.map { Edit(lane: 0, component: $0.component, kind: $0.kind) }
    guard means != nil || !edits.contains(where: \.needsMeans) else { throw ImportanceError.missingMeans }
    let forks = edits.map { edit in
      let columns = edit.columns(configuration)
      return ForkedForward.Fork(
        point: edit.point, columns: columns,
        source: edit.needsMeans
          ? ComponentMeans.sourceRow(of: edit.component) * configuration.dModel + columns.lowerBound : nil)
    }
    let constants = try means?.makeBuffer(on: device) ?? device.makeBuffer(count: 1)
    return try ForkedForward(self, forks, constants: constants).exactMatches(sequences)
  }
}
