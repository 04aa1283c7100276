import Foundation
import Safetensors
import Tasks
import Transformer

/// The batch of an inspection, from a safetensors file with `tokens` and `targets` [B, T] and, for patches
/// and edges, `corrupted`.
struct InspectedBatch {
  /// [B][T]
  let sequences: [TokenSequence]
  /// The tokens of the corrupted run, [B][T]; nil if the file has none.
  let corrupted: [[Int32]]?

  /// Reads a batch.
  ///
  /// - Throws: `SafetensorsError` or `ModelError.batch`, each of which says what is wrong.
  init(contentsOf file: URL) throws {
    let path = file.path
    let file = try SafetensorsFile(contentsOf: file)
    let shape = try file.shape(of: "tokens")
    guard shape.count == 2, shape[0] > 0, shape[1] > 0 else {
      throw ModelError.batch("tokens in \(path) must be [B, T], not \(shape)")
    }
    func rows(_ values: [Int], _ name: String) throws -> [[Int32]] {
      let values = try int32s(values, name)
      return (0..<shape[0]).map { Array(values[$0 * shape[1]..<($0 + 1) * shape[1]]) }
    }
    let tokens = try rows(file.integers(named: "tokens"), "token")
    let targets = try rows(file.integers(named: "targets", shape: shape), "target")
    sequences = zip(tokens, targets).map { TokenSequence(tokens: $0, targets: $1) }
    corrupted =
      file.contains("corrupted")
      ? try rows(file.integers(named: "corrupted", shape: shape), "corrupted token") : nil
  }

  /// The sequences of the corrupted run, with the clean run's targets.
  var partners: [TokenSequence]? {
    corrupted.map { zip($0, sequences).map { $1.reading($0) } }
  }
}

private func int32s(_ values: [Int], _ name: String) throws -> [Int32] {
  try values.map { value in
    guard let small = Int32(exactly: value) else {
      throw ModelError.batch("\(name) \(value) is far outside any vocabulary")
    }
    return small
  }
}
