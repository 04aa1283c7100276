import RandomStreams
import Tasks
import Testing

@Suite("Corrupted pairs")
struct CorruptedPairTests {
  @Test(
    "differ in k integers of the prompt and in the target, but not in their lengths",
    arguments: TaskCatalogue.names, [1, 3])
  func partners(name: String, replaced: Int) throws {
    let task = try TaskCatalogue.task(named: name)
    var stream = CounterStream(seed: 31, purpose: .extra)
    let pairs = try task.corruptedPairs(150, length: 3...9, replacing: replaced, from: &stream)
    #expect(pairs.count == 150)
    for pair in pairs {
      let (clean, corrupted) = (pair.clean, pair.corrupted)
      #expect(zip(clean.integers, corrupted.integers).count { $0 != $1 } == replaced)
      #expect(clean.integers.count == corrupted.integers.count)
      #expect(clean == task.sample(of: clean.integers) && corrupted == task.sample(of: corrupted.integers))
      #expect(clean.target.count == corrupted.target.count && clean.target != corrupted.target)
    }
    #expect(Set(pairs.map(\.clean.integers.count)) == Set(3...9))
  }

  @Test("read and predict the same target, and list where the corrupted target differs")
  func sequences() {
    let pair = CorruptedPair(
      clean: IntegerTask.sort.sample(of: [9, 4, 6]), corrupted: IntegerTask.sort.sample(of: [9, 5, 6]))
    #expect(pair.cleanSequence.tokens == [101, 9, 4, 6, 102, 4, 6, 9])
    #expect(pair.corruptedSequence.tokens == [101, 9, 5, 6, 102, 4, 6, 9])
    #expect(pair.corruptedSequence.targets == pair.cleanSequence.targets)
    #expect(pair.foils == [-100, -100, -100, -100, 5, 6, 9, 103])
  }

  @Test("replace integers uniformly, at every place and by every other integer")
  func uniform() throws {
    var stream = CounterStream(seed: 32, purpose: .extra)
    let clean = IntegerTask.copy.sample(of: [50, 1, 99, 50])
    var (places, values) = ([0, 0, 0, 0], [Int: Int]())
    for _ in 0..<20_000 {
      let partner = try #require(IntegerTask.copy.partner(of: clean, replacing: 1, from: &stream))
      let place = try #require(clean.integers.indices.first { clean.integers[$0] != partner.integers[$0] })
      places[place] += 1
      if place == 0 { values[partner.integers[0], default: 0] += 1 }
    }
    // The bounds are four standard deviations: of 5,000 ± 61, and of 51 ± 7 for the rarest and the most
    // frequent of 98 values.
    #expect(places.allSatisfy { abs($0 - 5000) < 245 }, "\(places)")
    #expect(Set(values.keys) == Set(Vocabulary.integers).subtracting([50]))
    #expect(values.values.allSatisfy { abs($0 - 51) < 31 }, "\(values)")
  }

  @Test("that are impossible are refused: too many places, or targets whose lengths always differ")
  func impossible() throws {
    var stream = CounterStream(seed: 33, purpose: .extra)
    let error = NoPartner(task: "sort", length: 2...2, replaced: 3)
    #expect(throws: error) {
      try IntegerTask.sort.corruptedPairs(1, length: 2...2, replacing: 3, from: &stream)
    }
    #expect(
      IntegerTask.sort.partner(of: IntegerTask.sort.sample(of: [1]), replacing: 0, from: &stream) == nil)
    // If one of two equal integers is replaced, the target is longer; if both are, it need not be.
    let twins = IntegerTask.sortUnique.sample(of: [5, 5])
    #expect(IntegerTask.sortUnique.partner(of: twins, replacing: 1, from: &stream) == nil)
    #expect(try IntegerTask.sortUnique.corruptedPairs(9, length: 2...2, from: &stream).count == 9)
  }
}
