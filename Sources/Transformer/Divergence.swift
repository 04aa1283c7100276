import Compute
import Concurrency
import Foundation

/// What a clean run predicts, row by row, with which the predictions of other runs are compared.
struct CleanPrediction: Sendable {
  /// [rows, width]
  private let logits: [Float]
  private let width: Int
  /// [rows]: ln Σ exp(logit)
  private let logSums: [Double]

  /// - Parameter logits: [rows, width]
  init(_ logits: [Float], width: Int) {
    self.logits = logits
    self.width = width
    logSums = concurrentMap(Array(0..<logits.count / width), perThread: Self.rowsPerThread(width)) {
      Self.logSum(logits, $0 * width..<($0 + 1) * width)
    }
  }

  /// For each row, the Kullback–Leibler divergence Σ p · (ln p − ln q) in nats, where p is the clean softmax and q the other one. It is
  /// summed in double precision, and exactly 0 for equal logits.
  ///
  /// - Parameter other: [rows, width]
  func divergences(of other: [Float]) -> [Double] {
    concurrentMap(Array(logSums.indices), perThread: Self.rowsPerThread(width)) { row in
      let columns = row * width..<(row + 1) * width
      let (own, theirs) = (logSums[row], Self.logSum(other, columns))
      var sum = 0.0
      for column in columns {
        let logP = Double(logits[column]) - own
        sum += exp(logP) * (logP - (Double(other[column]) - theirs))
      }
      // Rounding must not make it negative, and what is not a number stays so.
      return sum < 0 ? 0 : sum
    }
  }

  private static func logSum(_ logits: [Float], _ columns: Range<Int>) -> Double {
    var largest = -Double.infinity
    for column in columns { largest = max(largest, Double(logits[column])) }
    var sum = 0.0
    for column in columns { sum += exp(Double(logits[column]) - largest) }
    return largest + log(sum)
  }

  /// So many that a thread has some tenths of a millisecond of work.
  private static func rowsPerThread(_ width: Int) -> Int { max(1, 1 << 14 / max(width, 1)) }
}

extension ForkedPass {
  /// Sets the divergence of every slot from the slot of the clean run.
  ///
  /// - Parameter scores: [slots][sequences]
  func setDivergences(from clean: Int, in scores: inout [[TargetScore]], _ batch: Batch) throws {
    let (rows, width) = (lanes.outputRows, transformer.configuration.vocabulary)
    func logits(_ slot: Int) throws -> [Float] {
      try device.read(activations.logits.buffer, slot * rows * width..<(slot + 1) * rows * width)
    }
    let prediction = CleanPrediction(try logits(clean), width: width)
    for slot in scores.indices where slot != clean {
      let divergences = prediction.divergences(of: try logits(slot))
      for (sequence, range) in batch.sequenceOutputRows[slot].enumerated() {
        let sum = range.reduce(0) { $0 + divergences[$1 - slot * rows] }
        scores[slot][sequence].divergence = sum / Double(max(range.count, 1))
      }
    }
  }
}
