import RandomStreams
import Tasks
import Testing

/// What each task makes of `LadderTests.problem`, worked out by hand.
private let answers: [(name: String, answer: [Int32])] = [
  ("copy", [7, 3, 99, 3, 7, 12]), ("reverse", [12, 7, 3, 99, 3, 7]), ("rotate", [3, 99, 3, 7, 12, 7]),
  ("sort", [3, 3, 7, 7, 12, 99]), ("sort_descending", [99, 12, 7, 7, 3, 3]),
  ("sort_unique", [3, 7, 12, 99]),
  ("running_max", [7, 7, 99, 99, 99, 99]),
]

@Suite("The ladder of tasks")
struct LadderTests {
  private static let problem = [7, 3, 99, 3, 7, 12]

  @Test("has its rungs in order, each with its answer and END")
  func ofOneProblem() throws {
    #expect(TaskCatalogue.names == answers.map(\.name))
    #expect(TaskCatalogue.published.map(\.name) == ["reverse", "sort"])
    for (name, answer) in answers {
      let sample = try TaskCatalogue.task(named: name).sample(of: Self.problem)
      #expect(sample.target == answer + [Vocabulary.end], "\(name)")
      #expect(sample.prompt.count == 8)
    }
  }

  @Test(
    "keeps its promise: at least one target, at most as many as integers, all of them tokens",
    arguments: TaskCatalogue.names)
  func promise(name: String) throws {
    let task = try TaskCatalogue.task(named: name)
    var stream = CounterStream(seed: 5, purpose: .validation)
    for sample in task.samples(200, length: 1...15, from: &stream) {
      let answer = task.target(sample.integers)
      #expect((1...sample.integers.count).contains(answer.count))
      #expect(answer.allSatisfy(Vocabulary.integers.contains))
    }
  }

  @Test("handles one integer", arguments: answers.map(\.name))
  func single(name: String) throws {
    #expect(try TaskCatalogue.task(named: name).sample(of: [41]).target == [41, Vocabulary.end])
  }

  @Test("packs a shorter target behind its prompt")
  func shorter() {
    let sequence = BatchLayout.packedSequence(IntegerTask.sortUnique.sample(of: [5, 5, 2]))
    #expect(sequence.tokens == [101, 5, 5, 2, 102, 2, 5])
    #expect(sequence.targets == [-100, -100, -100, -100, 2, 5, 103])
  }
}
