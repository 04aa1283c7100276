import RandomStreams
import Tasks

/// A text as the source of a training: a batch has windows from anywhere in its first part.
struct TextSource: SequenceSource {
  private let text: ByteText
  private let heldOut: [TokenSequence]
  private let shifted: [TokenSequence]

  /// The largest number of sequences in a measurement.
  private static let mostMeasured = 500

  init(_ text: ByteText) {
    self.text = text
    heldOut = text.windows(.heldOut, atMost: Self.mostMeasured)
    shifted = text.windows(.shifted, atMost: Self.mostMeasured)
  }

  var name: String { text.name }
  var longestTrained: Int { text.context }
  var longestMeasured: Int { text.context }
  /// The number of sequences that are measured between steps.
  var measuredCount: Int { heldOut.count }

  func batch(_ count: Int, from stream: inout DataStream) -> [TokenSequence] {
    let starts = text.range(of: .training).dropLast(text.context)
    return (0..<count).map { _ in text.window(at: stream.integer(in: starts), in: .training) }
  }

  func measured(from stream: inout DataStream) -> [TokenSequence] { heldOut }

  var finalSplits: [(name: String, sequences: [TokenSequence])] {
    [(ByteText.Split.heldOut.rawValue, heldOut), (ByteText.Split.shifted.rawValue, shifted)]
  }
}
