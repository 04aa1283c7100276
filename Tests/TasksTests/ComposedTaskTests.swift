import RandomStreams
import Tasks
import Testing

@Suite("Tasks composed of operations")
struct ComposedTaskTests {
  private static let problem = [7, 3, 99, 3, 7, 12]

  @Test("apply them in order, and their names say which")
  func order() throws {
    for (name, answer) in [
      ("unique", [7, 3, 99, 12]), ("unique+reverse", [12, 99, 3, 7]), ("reverse+unique", [12, 7, 3, 99]),
      ("sort+rotate", [3, 7, 7, 12, 99, 3]), ("rotate+sort", [3, 3, 7, 7, 12, 99]),
      ("sort_unique+rotate+running_max", [7, 12, 99, 99]), ("copy+copy", Self.problem),
    ] {
      let task = try TaskCatalogue.task(named: name)
      #expect(task.name == name)
      #expect(task.target(Self.problem) == answer, "\(name)")
      #expect(task.target([41]) == [41], "\(name)")
    }
    #expect(
      try TaskCatalogue.task(named: "sort_unique+reverse").title
        == "Sorting without duplicates, then Sequence reversal")
  }

  @Test("are those of the catalogue where a single one is named")
  func single() throws {
    for name in TaskCatalogue.names {
      let task = try TaskCatalogue.task(of: [name])
      #expect(task.title == (try TaskCatalogue.task(named: name).title))
      #expect(task.target(Self.problem) == (try TaskCatalogue.task(named: name).target(Self.problem)))
    }
  }

  @Test("keep the promise of a task, and have corrupted pairs")
  func promise() throws {
    let task = try TaskCatalogue.task(named: "unique+running_max+rotate+reverse")
    var stream = CounterStream(seed: 6, purpose: .validation)
    for sample in task.samples(200, length: 1...15, from: &stream) {
      let answer = task.target(sample.integers)
      #expect((1...sample.integers.count).contains(answer.count))
      #expect(answer.allSatisfy(Vocabulary.integers.contains))
    }
    for pair in try task.corruptedPairs(50, length: 3...7, from: &stream) {
      #expect(pair.clean.target != pair.corrupted.target)
    }
  }

  @Test("have known operations, and not too many")
  func refusals() throws {
    for name in ["", "+", "sort+", "+sort", "sort++sort", "sort+all", "Sort", "sort + reverse"] {
      #expect(throws: UnknownTask.self, "\(name)") { try TaskCatalogue.task(named: name) }
    }
    let error = #expect(throws: UnknownOperation.self) { try TaskCatalogue.task(of: ["sort", "revers"]) }
    #expect(error?.description.hasPrefix("there is no operation 'revers'; did you mean 'reverse'?") == true)
    let many = [String](repeating: "copy", count: TaskCatalogue.mostOperations)
    #expect(try TaskCatalogue.task(of: many).target([5, 5]) == [5, 5])
    #expect(throws: UnknownOperation.self) { try TaskCatalogue.task(of: many + ["copy"]) }
    #expect(throws: UnknownOperation.self) { try TaskCatalogue.task(of: []) }
  }
}
