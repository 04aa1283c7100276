import Digests
import Errors
import Importance
import RandomStreams
import Tasks

/// Token sequences of a file as the source of a training. A tenth of them is held out: those whose tokens have the smallest
/// checksums. So the division depends neither on the seed nor on the order in the file, and equal sequences are on one side.
package struct TokenSource: SequenceSource {
  package let name: String
  private let trained: [TokenSequence]
  private let heldOut: [TokenSequence]

  /// The largest number of sequences in a measurement.
  private static let mostMeasured = 1000

  /// - Parameter name: that of the file.
  /// - Throws: `StudyError.impossible` for data that cannot be divided.
  package init(name: String, _ data: TokenData) throws {
    self.name = name
    let keyed = data.sequences.map { sequence in
      var checksum = Checksum()
      checksum.combine(sequence.tokens)
      return (key: checksum.value, sequence: sequence)
    }
    let keys = Set(keyed.map(\.key)).sorted()
    guard keys.count >= 2 else {
      throw StudyError.impossible(
        "'\(name)' has \(counted(data.count, "sequence")), all alike; training needs at least two different ones, because "
          + "a tenth of them is held out")
    }
    let last = keys[max(1, keys.count / 10) - 1]
    trained = keyed.filter { $0.key > last }.map(\.sequence)
    heldOut = spread(keyed.filter { $0.key <= last }.map(\.sequence), atMost: Self.mostMeasured)
  }

  package var longestTrained: Int { trained.reduce(0) { max($0, $1.tokens.count) } }
  package var longestMeasured: Int { heldOut.reduce(0) { max($0, $1.tokens.count) } }
  /// The number of sequences that are measured.
  var measuredCount: Int { heldOut.count }

  /// Each sequence is drawn from all that are trained on, with repetition.
  package func batch(_ count: Int, from stream: inout DataStream) -> [TokenSequence] {
    (0..<count).map { _ in trained[stream.integer(in: trained.indices)] }
  }

  package func measured(from stream: inout DataStream) -> [TokenSequence] { heldOut }

  package var finalSplits: [(name: String, sequences: [TokenSequence])] {
    [(ByteText.Split.heldOut.rawValue, heldOut)]
  }
}

/// At most `count` of the elements, evenly spread over them.
func spread<Element>(_ elements: [Element], atMost count: Int) -> [Element] {
  guard elements.count > count else { return elements }
  return (0..<count).map { elements[$0 * elements.count / count] }
}

extension TokenData {
  /// A checksum of all tokens and targets, whatever integers the file stores them as.
  var checksum: String {
    var checksum = Checksum()
    for sequence in sequences {
      checksum.combine(sequence.tokens.count)
      checksum.combine(sequence.tokens)
      checksum.combine(sequence.targets)
    }
    return checksum.digest
  }
}
