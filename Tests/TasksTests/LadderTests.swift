import RandomStreams
import Tasks
import Testing

/// The target of each task for `LadderTests.problem`, and for 41 alone, computed by hand.
private let answers: [(name: String, answer: [Int32], ofOne: [Int32])] = [
  ("copy", [7, 3, 99, 3, 7, 12], [41]), ("reverse", [12, 7, 3, 99, 3, 7], [41]),
  ("rotate", [3, 99, 3, 7, 12, 7], [41]),
  ("sort", [3, 3, 7, 7, 12, 99], [41]), ("sort_descending", [99, 12, 7, 7, 3, 3], [41]),
  ("sort_unique", [3, 7, 12, 99], [41]),
  ("running_max", [7, 7, 99, 99, 99, 99], [41]),
]

@Suite("The ladder of tasks")
struct LadderTests {
  private static let problem = [7, 3, 99, 3, 7, 12]

  @Test("has its tasks in order, each with its answer and END")
  func ofOneProblem() throws {
    #expect(TaskCatalogue.names == answers.map(\.name))
    #expect(TaskCatalogue.published.map(\.name) == ["reverse", "sort"])
    for (name, answer, _) in answers {
      let sample = try TaskCatalogue.task(named: name).sample(of: Self.problem)
      #expect(sample.target == answer + [Vocabulary.end], "\(name)")
      #expect(sample.prompt.count == 8)
    }
  }

  @Test(
    "gives targets that are tokens: at least one, and at most as many as the integers",
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

  @Test("accepts a single integer", arguments: answers.indices)
  func single(index: Int) throws {
    let task = try TaskCatalogue.task(named: answers[index].name)
    #expect(task.sample(of: [41]).target == answers[index].ofOne + [Vocabulary.end])
  }

  @Test("packs a shorter target after its prompt")
  func shorter() {
    let sequence = BatchLayout.packedSequence(IntegerTask.sortUnique.sample(of: [5, 5, 2]))
    #expect(sequence.tokens == [101, 5, 5, 2, 102, 2, 5])
    #expect(sequence.targets == [-100, -100, -100, -100, 2, 5, 103])
  }
}
