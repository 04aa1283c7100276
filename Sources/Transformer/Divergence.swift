import Compute
import Concurrency

/// What a clean run predicts, row by row, with which the predictions of other runs are compared.
struct CleanPrediction: Sendable {
  private struct Row: Sendable {
    var logits: ArraySlice<Float>
    /// ln Σ exp(logit)
    var logSum: Double
    var probabilities: [Double]
  }

  private let rows: [Row]
  private let width: Int

  /// - Parameter logits: [rows, width]
  init(_ logits: [Float], width: Int) {
    self.width = width
    rows = concurrentMap(Array(0..<logits.count / width), perThread: Self.rowsPerThread(width)) { row in
      let logits = logits[row * width..<(row + 1) * width]
      let logSum = Softmax.logSum(logits)
      return Row(
        logits: logits, logSum: logSum, probabilities: Softmax.probabilities(logits, logSum: logSum))
    }
  }

  /// For each row, the Kullback–Leibler divergence Σ p · (ln p − ln q) in nats, where p is the clean softmax and q the other one. It is
  /// summed in double precision, and exactly 0 for equal logits.
  ///
  /// - Parameter other: [rows, width]
  func divergences(of other: [Float]) -> [Double] {
    concurrentMap(Array(rows.indices), perThread: Self.rowsPerThread(width)) { index in
      let (row, theirs) = (rows[index], other[index * width..<(index + 1) * width])
      let logSum = Softmax.logSum(theirs)
      var sum = 0.0
      // What has no probability adds nothing: p · ln p goes to 0.
      for (column, (p, logit)) in zip(row.probabilities, row.logits).enumerated() where p != 0 {
        sum += p * ((Double(logit) - row.logSum) - (Double(theirs[theirs.startIndex + column]) - logSum))
      }
      // Rounding must not make it negative, and what is not a number stays so.
      return sum < 0 ? 0 : sum
    }
  }

  /// So many that a thread has some tenths of a millisecond of work.
  private static func rowsPerThread(_ width: Int) -> Int { max(1, 1 << 14 / max(width, 1)) }
}

extension CleanPrediction {
  /// The number of logits of each run that are compared at a time, 8 MiB, unless a single row has more.
  static func elementsAtOnce(_ width: Int) -> Int { max(width, 1 << 21) }
}

extension ForkedPass {
  /// Sets the divergence of every slot from the slot of the clean run. Logits are read some rows at a time, so that few are in
  /// the host's memory.
  ///
  /// - Parameter scores: [slots][sequences]
  func setDivergences(from clean: Int, in scores: inout [[TargetScore]], _ batch: Batch) throws {
    let (rows, width) = (lanes.outputRows, transformer.configuration.vocabulary)
    func logits(_ slot: Int, _ part: Range<Int>) throws -> [Float] {
      let first = slot * rows
      return try device.read(
        activations.logits.buffer, (first + part.lowerBound) * width..<(first + part.upperBound) * width)
    }
    var divergences = [[Double]](repeating: [], count: scores.count)
    let rowsAtOnce = CleanPrediction.elementsAtOnce(width) / width
    for first in stride(from: 0, to: rows, by: rowsAtOnce) {
      let part = first..<min(first + rowsAtOnce, rows)
      let prediction = CleanPrediction(try logits(clean, part), width: width)
      for slot in scores.indices where slot != clean {
        divergences[slot] += prediction.divergences(of: try logits(slot, part))
      }
    }
    for slot in scores.indices where slot != clean {
      for (sequence, range) in batch.sequenceOutputRows[slot].enumerated() {
        let sum = range.reduce(0) { $0 + divergences[slot][$1 - slot * rows] }
        scores[slot][sequence].divergence = sum / Double(max(range.count, 1))
      }
    }
  }
}
