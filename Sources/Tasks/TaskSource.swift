import RandomStreams

/// A task as the source of a training: every sample is drawn anew, for batches and for measurements.
package struct TaskSource: SequenceSource {
  private let task: IntegerTask
  private let layout: BatchLayout
  private let lengths: ClosedRange<Int>
  private let measuredLengths: ClosedRange<Int>
  private let measuredCount: Int

  /// - Parameters:
  ///   - layout: how the samples of a training batch become sequences.
  ///   - lengths: the values of N in training.
  ///   - measuredLengths: the values of N of the samples in a measurement.
  ///   - measuredCount: the number of samples in a measurement.
  package init(
    _ task: IntegerTask, layout: BatchLayout, lengths: ClosedRange<Int>, measuredLengths: ClosedRange<Int>,
    measuredCount: Int
  ) {
    self.task = task
    self.layout = layout
    self.lengths = lengths
    self.measuredLengths = measuredLengths
    self.measuredCount = measuredCount
  }

  package var name: String { task.name }
  package var longestTrained: Int { 2 * lengths.upperBound + 2 }
  package var longestMeasured: Int { 2 * measuredLengths.upperBound + 2 }

  package func batch(_ count: Int, from stream: inout DataStream) -> [TokenSequence] {
    layout.sequences(task.samples(count, length: lengths, from: &stream))
  }

  package func measured(from stream: inout DataStream) -> [TokenSequence] {
    BatchLayout.evaluationBatch(task.samples(measuredCount, length: measuredLengths, from: &stream))
  }
}
