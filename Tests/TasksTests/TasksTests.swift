import RandomStreams
import Tasks
import Testing

@Suite("Tasks and samples")
struct TasksTests {
  @Test("a sample of reversal has START, integers, SEP, and then the reversed integers and END")
  func reverse() {
    let sample = IntegerTask.reverse.sample(of: [7, 3, 99, 3])
    #expect(sample.integers == [7, 3, 99, 3])
    #expect(sample.prompt == [101, 7, 3, 99, 3, 102])
    #expect(sample.target == [3, 99, 3, 7, 103])
  }

  @Test("a sample of sorting has the integers in ascending order, also repeated ones")
  func sort() {
    #expect(IntegerTask.sort.sample(of: [7, 3, 99, 3]).target == [3, 3, 7, 99, 103])
  }

  @Test("tasks are found by name, and an unknown name's error lists the known ones")
  func catalogue() throws {
    for name in TaskCatalogue.names { #expect(try TaskCatalogue.task(named: name).name == name) }
    let error = #expect(throws: UnknownTask(name: "Sort")) { try TaskCatalogue.task(named: "Sort") }
    #expect(
      error?.description
        == "there is no task 'Sort'; the tasks are \(TaskCatalogue.names.joined(separator: ", "))"
    )
  }

  @Test("an unknown name with a line break gives one line")
  func nameOfLines() {
    #expect(UnknownTask(name: "a\nb").description.hasPrefix("there is no task 'a\\nb'"))
  }

  @Test("a sample draws its length and then its integers, as the published program does")
  func drawingOrder() {
    var stream = MersenneTwister(seed: 42)
    var oracle = stream
    for _ in 0..<64 {
      let sample = IntegerTask.sort.sample(length: 3...7, from: &stream)
      let length = oracle.integer(in: 3..<8)
      #expect(sample.integers == (0..<length).map { _ in oracle.integer(in: 1..<100) })
    }
    #expect(stream == oracle)
  }

  @Test("a fixed length draws only integers")
  func fixedLength() {
    var stream = MersenneTwister(seed: 456)
    var oracle = stream
    let samples = IntegerTask.reverse.samples(5, length: 10...10, from: &stream)
    #expect(samples.count == 5)
    for sample in samples {
      #expect(sample.integers == (0..<10).map { _ in oracle.integer(in: 1..<100) })
    }
    #expect(stream == oracle)
  }

  @Test("a counter-based stream reaches every length and every integer")
  func coverage() {
    var stream = CounterStream(seed: 3, purpose: .trainingData)
    let samples = IntegerTask.sort.samples(2000, length: 3...7, from: &stream)
    #expect(Set(samples.map(\.integers.count)) == Set(3...7))
    #expect(Set(samples.flatMap(\.integers)) == Set(Vocabulary.integers))
  }
}
