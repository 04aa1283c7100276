import RandomStreams
import Tasks
import Testing

@Suite("Batches as sequences")
struct BatchLayoutTests {
  private let batch = [[5, 2, 9], [4, 8, 1, 6, 3], [7]].map(IntegerTask.sort.sample(of:))

  @Test("the predictions of a packed sequence begin at SEP, and targets are not shifted")
  func packed() {
    let sequence = BatchLayout.packedSequence(IntegerTask.reverse.sample(of: [5, 2, 9]))
    #expect(sequence.tokens == [101, 5, 2, 9, 102, 9, 2, 5])
    #expect(sequence.targets == [-100, -100, -100, -100, 9, 2, 5, 103])
  }

  @Test("a published batch pads prompts inside the sequence, not after it")
  func published() {
    let sequences = BatchLayout.publishedBatch(batch)
    let none: Int32 = -100
    #expect(sequences.count == 3)
    #expect(sequences[0].tokens == [101, 5, 2, 9, 102, 100, 100, 2, 5, 9])
    #expect(sequences[0].targets == [none, none, none, none, none, none, 2, 5, 9, 103])
    #expect(sequences[1].tokens == [101, 4, 8, 1, 6, 3, 102, 1, 3, 4, 6, 8])
    #expect(sequences[1].targets == [none, none, none, none, none, none, 1, 3, 4, 6, 8, 103])
    #expect(sequences[2].tokens == [101, 7, 102, 100, 100, 100, 100, 7])
    #expect(sequences[2].targets == [none, none, none, none, none, none, 7, 103])
  }

  @Test("the published layout is the published program's matrix, cut after the last target of each sequence")
  func rectangle() {
    // The method of the published program: pad prompts, then targets, join them, and read all but the last
    // column.
    var stream = CounterStream(seed: 17, purpose: .extra)
    let samples = IntegerTask.reverse.samples(64, length: 3...7, from: &stream)
    let promptWidth = samples.map(\.prompt.count).max() ?? 0
    let targetWidth = samples.map(\.target.count).max() ?? 0
    for (sample, sequence) in zip(samples, BatchLayout.published.sequences(samples)) {
      let prompt = sample.prompt + Array(repeating: Vocabulary.pad, count: promptWidth - sample.prompt.count)
      let target = sample.target + Array(repeating: Vocabulary.pad, count: targetWidth - sample.target.count)
      let input = Array((prompt + target).dropLast())
      let predicted = (prompt + target).dropFirst().enumerated().map { position, token in
        position >= promptWidth - 1 && token != Vocabulary.pad ? token : TokenSequence.noLoss
      }
      let count = sequence.tokens.count
      #expect(sequence.targets.count == count)
      #expect(sequence.tokens == Array(input.prefix(count)))
      #expect(sequence.targets == Array(predicted.prefix(count)))
      #expect(predicted.dropFirst(count).allSatisfy { $0 == TokenSequence.noLoss })
      #expect(sequence.targets.last == Vocabulary.end)
    }
  }

  @Test("sequences for evaluation have no PAD, whatever their lengths")
  func evaluation() {
    let sequences = BatchLayout.evaluationBatch(batch)
    #expect(sequences == batch.map(BatchLayout.packedSequence))
    #expect(sequences == BatchLayout.packed.sequences(batch))
    #expect(sequences.allSatisfy { !$0.tokens.contains(Vocabulary.pad) })
  }

  @Test("samples of one length give the same sequences in both layouts")
  func oneLength() {
    var stream = CounterStream(seed: 18, purpose: .extra)
    let samples = IntegerTask.sort.samples(9, length: 8...8, from: &stream)
    #expect(BatchLayout.published.sequences(samples) == BatchLayout.packed.sequences(samples))
  }

  @Test("no samples give no sequences", arguments: BatchLayout.allCases)
  func empty(layout: BatchLayout) {
    #expect(layout.sequences([]).isEmpty)
  }
}
