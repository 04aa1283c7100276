import RandomStreams

/// Where the sequences of a training come from: a task, or data of one's own.
///
/// A source is a value that any thread may ask, and all chance in it comes from the given streams. So a training that
/// is stopped and continued draws the same sequences.
package protocol SequenceSource: Sendable {
  /// The name in files and messages: a task's, or a file's without its ending.
  var name: String { get }
  /// The largest number of tokens in a sequence that is trained on.
  var longestTrained: Int { get }
  /// The largest number of tokens in a sequence that is measured.
  var longestMeasured: Int { get }

  /// The sequences of the next training batch.
  func batch(_ count: Int, from stream: inout DataStream) -> [TokenSequence]

  /// The sequences on which the model is measured between two steps.
  func measured(from stream: inout DataStream) -> [TokenSequence]

  /// Sequences, by the name of their split, on which the finished model is measured in addition.
  var finalSplits: [(name: String, sequences: [TokenSequence])] { get }
}

extension SequenceSource {
  package var finalSplits: [(name: String, sequences: [TokenSequence])] { [] }
}
