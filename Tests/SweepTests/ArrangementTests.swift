import Foundation
import Study
import TestSupport
import Testing

@testable import Sweep

@Suite("Workers and threads")
struct ArrangementTests {
  @Test("divide the processors in every way, as far as runs and memory go")
  func possible() {
    func pairs(_ processors: Int, _ threads: Int?, _ most: Int) -> [[Int]] {
      Arrangement.possible(processors: processors, threads: threads, most: most).map {
        [$0.workers, $0.threads]
      }
    }
    #expect(pairs(8, nil, 100) == [[1, 8], [2, 4], [4, 2], [8, 1]])
    #expect(pairs(8, nil, 3) == [[1, 8], [2, 4], [3, 2], [3, 1]])
    #expect(pairs(6, nil, 100) == [[1, 6], [2, 3], [6, 1]])
    #expect(pairs(8, 3, 100) == [[2, 3]])
    #expect(pairs(2, 16, 100) == [[1, 2]])
    #expect(pairs(1, nil, 100) == [[1, 1]])
  }

  @Test("of several devices that compute on processors never share one")
  func places() throws {
    let plan = try tinyPlan()
    let run = try plan.plan(of: plan.runs[0])
    let processors = Processors([0, 1, 2, 5, 7])
    let placement = try WorkerPlacement(
      [("cpu", .cpu), ("opencl:0:0", .cpu), ("opencl:1:0", .gpu)], run, runs: 4, threads: nil,
      processors: processors, store: ArrangementStore(folder: nil))
    #expect(placement.places.map(\.device) == ["opencl:1:0", "cpu", "opencl:0:0"])
    #expect(placement.places.map(\.threads) == [nil, 2, nil])
    #expect(throws: SweepError.self) {
      try WorkerPlacement(
        [("cpu", .cpu), ("opencl:0:0", .cpu)], run, runs: 4, threads: nil, processors: Processors([3]))
    }
  }

  @Test("are measured once for models of one shape, and again for any other")
  func remembered() throws {
    try withFolder { folder in
      let store = ArrangementStore(folder: folder.appendingPathComponent("arrangements"))
      let plan = try tinyPlan()
      let run = try plan.plan(of: plan.runs[0])
      let possible = Arrangement.possible(processors: 2, threads: nil, most: 2)
      #expect(store.load(possible, run) == nil)
      let rates = zip(possible, [10.5, 20.25]).map { Arrangement.Rate(arrangement: $0, stepsPerSecond: $1) }
      store.save(rates, run)
      #expect(store.load(possible, run) == rates)
      #expect(store.load(Arrangement.possible(processors: 4, threads: nil, most: 4), run) == nil)
      var other = run
      other.model.layers += 1
      #expect(store.load(possible, other) == nil)
      (other, other.batchSize) = (run, run.batchSize + 1)
      #expect(store.load(possible, other) == nil)
      let files = try FileManager.default.contentsOfDirectory(
        at: folder.appendingPathComponent("arrangements"), includingPropertiesForKeys: nil)
      #expect(files.count == 1)
      try Data("{}".utf8).write(to: try #require(files.first))
      #expect(store.load(possible, run) == nil)
      #expect(rates.map(\.text) == ["1 × 2 threads: 10.5 steps/s", "2 × 1 thread: 20.2 steps/s"])
    }
  }

  @Test("a processor that another sweep has is not used")
  func locks() throws {
    try withFolder { folder in
      var first: ProcessorLocks? = ProcessorLocks(Processors([0, 2]), in: folder)
      #expect(first?.processors == Processors([0, 2]))
      #expect(ProcessorLocks(Processors([0, 1, 2, 3]), in: folder).processors == Processors([1, 3]))
      first = nil
      #expect(ProcessorLocks(Processors([0, 1, 2, 3]), in: folder).processors == Processors([0, 1, 2, 3]))
    }
  }

  @Test("the processors of a worker are read back from their text")
  func text() {
    #expect(Processors(text: "0,3,5")?.numbers == [0, 3, 5])
    for text in ["", "a", "1,", "-1", "99999"] { #expect(Processors(text: text) == nil) }
    #expect(Processors([1, 2, 3, 4]).parts(of: 2, 2) == [Processors([1, 2]), Processors([3, 4])])
  }
}
