import Compute
import Tasks
import Transformer

/// How a backward differentiates the metric of each sample. Samples do not see each other, so one backward of
/// a sum over samples gives each sample's gradient in its own rows, up to a factor.
struct MetricGradient {
  let metric: GradientMetric
  /// [output rows, vocabulary]: the gradient to start from; nil for the batch's loss.
  let logitsGradient: Matrix?
  /// For each sample, the factor by which the backward's result in its rows must be multiplied.
  let factors: [Double]
  /// For each sample, the number of positions that have a target.
  private let targetCounts: [Int]
  /// For each sample, the logits that make up the logit difference.
  private let contrasts: [[Contrast]]

  /// A position at which the target of the sample and that of its partner differ.
  private struct Contrast {
    /// The index among the sample's rows that have logits.
    var outputRow: Int
    var target: Int
    var other: Int
    var weight: Double
  }

  /// - Parameters:
  ///   - partners: for each sample; needed for a logit difference.
  /// - Throws: `GradientScoreError.missingPartners`.
  init(
    _ metric: GradientMetric, _ sequences: [TokenSequence], partners: [TokenSequence]?, batch: Batch,
    on transformer: Transformer
  ) throws {
    self.metric = metric
    let targets = sequences.map { $0.targets.count(where: { $0 >= 0 }) }
    targetCounts = targets
    guard metric == .logitDifference else {
      // The loss weights all target tokens of the batch equally.
      let all = Double(targets.reduce(0, +))
      factors = targets.map { $0 == 0 ? 0 : -all / Double($0) }
      (logitsGradient, contrasts) = (nil, [])
      return
    }
    guard let partners else { throw GradientScoreError.missingPartners }
    factors = sequences.map { _ in 1 }
    contrasts = zip(sequences, partners).map { sequence, partner in
      let rows = zip(sequence.targets, partner.targets).filter { batch.selection == .all || $0.0 >= 0 }
      let differing = rows.enumerated().filter { $0.element.0 >= 0 && $0.element.0 != $0.element.1 }
      return differing.map { row, pair in
        Contrast(
          outputRow: row, target: Int(pair.0), other: Int(pair.1), weight: 1 / Double(differing.count))
      }
    }
    let width = transformer.configuration.vocabulary
    var gradient = [Float](repeating: 0, count: batch.outputRows.extent * width)
    for (rows, contrasts) in zip(batch.sequenceOutputRows[0], contrasts) {
      for contrast in contrasts {
        let row = (rows.lowerBound + contrast.outputRow) * width
        gradient[row + contrast.target] = Float(contrast.weight)
        gradient[row + contrast.other] = -Float(contrast.weight)
      }
    }
    logitsGradient = Matrix(try transformer.device.makeBuffer(gradient), columns: width)
  }

  /// The metric of every sample in the last batch.
  func values(_ batch: Batch, on transformer: Transformer) throws -> [Double] {
    let width = transformer.configuration.vocabulary
    let isLoss = metric == .targetLogProbability
    let numbers = try isLoss ? transformer.readRowLosses(batch) : transformer.readPreciseLogits(batch)
    return batch.sequenceOutputRows[0].enumerated().map { sample, rows in
      if isLoss { return -numbers[rows].reduce(0, +) / Double(max(targetCounts[sample], 1)) }
      return contrasts[sample].reduce(0) { sum, contrast in
        let row = (rows.lowerBound + contrast.outputRow) * width
        return sum + contrast.weight * (numbers[row + contrast.target] - numbers[row + contrast.other])
      }
    }
  }
}
