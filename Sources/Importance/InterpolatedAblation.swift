import Compute
import Tasks
import Transformer

/// An ablation that moves a component only a part of the way to its mean, while others are replaced by theirs. It shows how an
/// interaction grows with the distance by which an activation is changed.
///
/// Source of the question: A. Mueller et al., "The Curse of Multiple Mediators", arXiv:2606.27510.
package struct InterpolatedAblation: Sendable, Equatable {
  /// Components whose outputs are replaced by their means.
  package var replaced: [Component]
  /// The component whose output becomes activation + share · (mean − activation), row by row, where the activation is that of the run with
  /// the others replaced.
  package var moved: Component
  /// 0 changes nothing; 1 is the ablation by the mean.
  package var share: Double

  package init(replaced: [Component] = [], moved: Component, share: Double) {
    self.replaced = replaced
    self.moved = moved
    self.share = share
  }
}

extension CausalEvaluation {
  /// The outcomes of every sample under each ablation.
  ///
  /// - Throws: `ImportanceError.missingMeans`; `ModelError.batch` if a component is both moved and replaced.
  package func outcomes(_ ablations: [InterpolatedAblation]) throws -> [Outcomes] {
    guard let means else { throw ImportanceError.missingMeans }
    var results = ablations.map { _ in Outcomes(repeating: 0, count: 0) }
    var start = 0
    while start < samples.count {
      var (end, rows) = (start, 0)
      while end < samples.count, end == start || rows < rowLimit {
        rows += ablations.count * samples.sequences[end].tokens.count
        end += 1
      }
      for (place, outcomes) in try over(start..<end).together(ablations, means).enumerated() {
        results[place].append(outcomes)
      }
      start = end
    }
    return results
  }

  /// All samples under each ablation in one forward, in lanes side by side.
  private func together(_ ablations: [InterpolatedAblation], _ means: ComponentMeans) throws -> [Outcomes] {
    let lanes = ablations.map { _ in Lane(sequences: samples.sequences) }
    let batch = try Batch(lanes, .live, for: transformer.configuration, on: transformer.device)
    let replacing = try Hooks.applying(
      ablations.map { try intervention(on: $0.replaced, .mean) }, to: transformer)
    try transformer.forward(batch, hooks: replacing.then(moving(ablations, means)))
    let foils = try Batch.foilRows(samples.sequences, samples.foils)
    return try transformer.readTargetScores(batch, foils: lanes.flatMap { _ in foils }).map(Outcomes.init)
  }

  /// Hooks that move the component of each lane. The values go through the host, which is exact in the precision of the device and cheap
  /// beside a forward.
  private func moving(_ ablations: [InterpolatedAblation], _ means: ComponentMeans) throws -> Hooks {
    if let both = ablations.first(where: { $0.replaced.contains($0.moved) }) {
      throw ModelError.batch("\(both.moved.name) cannot be moved and replaced at once")
    }
    let (configuration, device) = (transformer.configuration, transformer.device)
    return Hooks(points: Set(ablations.map { Site.output($0.moved).hook })) { point, matrix, rows in
      let values = try device.readHostMatrix(matrix, rows: rows.extent)
      var moved: [Float] = []
      var blocks: [Replacement] = []
      for (ablation, group) in zip(ablations, rows.groups) where Site.output(ablation.moved).hook == point {
        let columns = Site.output(ablation.moved).columns(of: configuration)
        let mean = means[ablation.moved]
        blocks.append(
          Replacement(
            rows: group.firstRow..<group.firstRow + group.count, columns: columns, sourceOffset: moved.count,
            sourceStride: columns.count))
        for row in blocks[blocks.count - 1].rows {
          for (i, column) in columns.enumerated() {
            let value = values.values[row * values.width + column]
            moved.append(Float(value + ablation.share * (mean[i] - value)))
          }
        }
      }
      guard !blocks.isEmpty else { return }
      try device.replaceRows(
        ReplaceRows(target: matrix, source: device.makeBuffer(moved), replacements: blocks))
    }
  }
}
