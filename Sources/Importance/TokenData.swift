import Foundation
import RandomStreams
import Safetensors
import Tasks
import Transformer

/// Token sequences from a safetensors file, on which a model is measured: `tokens` [B, T] and `targets` [B, T] (what the
/// logits of a position should predict, no shift; −100 for none), or `answer` [B] (the target of the last token alone).
/// Optional are `corrupted` [B, T], `foil` [B] (a wrong answer, compared with the last target) and `lengths` [B].
package struct TokenData: Sendable {
  package let sequences: [TokenSequence]
  /// For each sequence, as many tokens of the corrupted run; nil if the file has none.
  package let corrupted: [[Int32]]?
  /// For each sequence and position, the wrong answer there, or `noLoss`; nil if the file has none.
  package let foils: [[Int32]]?

  /// - Parameter configuration: the model's; every token must be in its vocabulary.
  /// - Throws: `SafetensorsError` or `ModelError.batch`, each of which names the file and what is wrong.
  package init(contentsOf url: URL, for configuration: ModelConfiguration) throws {
    try self.init(contentsOf: url, vocabulary: configuration.vocabulary)
  }

  /// - Parameter vocabulary: the number of tokens that a model knows; nil if the model is yet to be made.
  /// - Throws: `SafetensorsError` or `ModelError.batch`, each of which names the file and what is wrong.
  package init(contentsOf url: URL, vocabulary: Int?) throws {
    let reader = try Reader(url, vocabulary)
    let tokens = try reader.rows("tokens")
    let lengths = try reader.lengths()
    guard let targets = try reader.targets(lengths) else {
      throw reader.fail("needs targets [B, T] or answer [B] beside the tokens")
    }
    let sequences = lengths.indices.map { row in
      TokenSequence(
        tokens: Array(tokens[row].prefix(lengths[row])), targets: Array(targets[row].prefix(lengths[row])))
    }
    self.sequences = sequences
    if let empty = sequences.firstIndex(where: { !$0.targets.contains { $0 >= 0 } }) {
      throw reader.fail("has no target in sequence \(empty), so there is nothing to predict")
    }
    corrupted =
      reader.file.contains("corrupted")
      ? try zip(reader.rows("corrupted"), lengths).map { Array($0.prefix($1)) } : nil
    foils = try reader.column("foil").map { foils in
      zip(sequences, foils).map { sequence, foil in
        var row = [Int32](repeating: TokenSequence.noLoss, count: sequence.tokens.count)
        if let last = sequence.targets.lastIndex(where: { $0 >= 0 }) { row[last] = foil }
        return row
      }
    }
  }

  /// Sequences that were made elsewhere, each with a target.
  package init(_ sequences: [TokenSequence], corrupted: [[Int32]]? = nil, foils: [[Int32]]? = nil) {
    self.sequences = sequences
    self.corrupted = corrupted
    self.foils = foils
  }

  package var count: Int { sequences.count }
  /// The largest token that is read or predicted.
  package var largestToken: Int32 {
    sequences.reduce(0) { max($0, $1.tokens.max() ?? 0, $1.targets.max() ?? 0) }
  }
  /// The number of positions with a target.
  package var targetCount: Int { sequences.reduce(0) { $0 + $1.targets.count { $0 >= 0 } } }
  package var longest: Int { sequences.map(\.tokens.count).max() ?? 0 }
  /// The most positions with a target that a sequence has.
  package var mostTargets: Int { sequences.map { $0.targets.count { $0 >= 0 } }.max() ?? 0 }

  /// The sequences in batches, each of at most an eighth of them, rounded up.
  package func batches(of size: Int) -> [[TokenSequence]] {
    let size = max(1, min(size, (count + 7) / 8))
    return stride(from: 0, to: count, by: size).map { Array(sequences[$0..<min($0 + size, count)]) }
  }
}

/// Reads the tensors of a file.
private struct Reader {
  let file: SafetensorsFile
  let path: String
  /// The number of tokens that a model knows; nil if the model is yet to be made.
  let vocabulary: Int?
  private let (count, width): (Int, Int)

  init(_ url: URL, _ vocabulary: Int?) throws {
    file = try SafetensorsFile(contentsOf: url)
    path = url.path
    self.vocabulary = vocabulary
    let shape = try file.shape(of: "tokens")
    guard shape.count == 2, shape[0] > 0, shape[1] > 0 else {
      throw ModelError.batch("tokens in \(path) must be [B, T], not \(shape)")
    }
    (count, width) = (shape[0], shape[1])
    let known = ["tokens", "targets", "corrupted", "answer", "foil", "lengths"]
    if let unknown = file.names.first(where: { !known.contains($0) }) {
      throw fail("has the tensor '\(unknown)', which is none of \(known.joined(separator: ", "))")
    }
  }

  func fail(_ reason: String) -> ModelError { .batch("\(path) \(reason)") }

  /// [B][T], each a token.
  func rows(_ name: String) throws -> [[Int32]] {
    let values = try file.integers(named: name, shape: [count, width])
    return try (0..<count).map { row in
      try values[row * width..<(row + 1) * width].map { try token($0, name, row) }
    }
  }

  /// [B], each a token; nil if there is no such tensor.
  func column(_ name: String) throws -> [Int32]? {
    guard file.contains(name) else { return nil }
    return try file.integers(named: name, shape: [count]).enumerated().map { try token($1, name, $0) }
  }

  func lengths() throws -> [Int] {
    guard file.contains("lengths") else { return [Int](repeating: width, count: count) }
    let lengths = try file.integers(named: "lengths", shape: [count])
    if let bad = lengths.firstIndex(where: { !(1...width).contains($0) }) {
      throw fail("has length \(lengths[bad]) for sequence \(bad), which is not in 1...\(width)")
    }
    return lengths
  }

  /// [B][T]; nil if the file says nothing of them.
  func targets(_ lengths: [Int]) throws -> [[Int32]]? {
    if file.contains("targets") {
      let values = try file.integers(named: "targets", shape: [count, width])
      let answers = try column("answer")
      return try (0..<count).map { row in
        let targets = try values[row * width..<(row + 1) * width].map { value in
          try value < 0 ? TokenSequence.noLoss : token(value, "targets", row)
        }
        if let answer = answers?[row], targets[lengths[row] - 1] != answer {
          throw fail("has answer \(answer) for sequence \(row), but another target at its last token")
        }
        return targets
      }
    }
    return try column("answer").map { answers in
      answers.enumerated().map { row, answer in
        var targets = [Int32](repeating: TokenSequence.noLoss, count: width)
        targets[lengths[row] - 1] = answer
        return targets
      }
    }
  }

  private func token(_ value: Int, _ name: String, _ row: Int) throws -> Int32 {
    guard (0..<(vocabulary ?? Int(Int32.max))).contains(value) else {
      let known =
        vocabulary.map { "the model's vocabulary is 0..<\($0)" } ?? "tokens are whole numbers from 0 on"
      throw fail("has \(value) under \(name) in sequence \(row), but \(known)")
    }
    return Int32(value)
  }
}
