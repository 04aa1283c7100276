import CPUDevice
import Compute
import Foundation
import Importance
import RandomStreams
import Synchronization
import Tasks
import Transformer

@testable import Study

/// A task whose samples are mostly learned in a few steps (60 of 100 answers are equal), so that accuracies
/// lie in the OOD window. It records every sample drawn, in order.
final class RecordedTask: Sendable {
  private let drawn = Mutex<[[Int]]>([])

  var samples: [[Int]] { drawn.withLock { $0 } }

  func task(_ name: String) -> IntegerTask {
    IntegerTask(name: name, title: name) { integers in
      self.drawn.withLock { $0.append(integers) }
      return Self.answer(integers)
    }
  }

  static func answer(_ integers: [Int]) -> [Int] { integers[0] <= 60 ? [1] : [integers[0]] }

  static func plan(
    _ task: IntegerTask, layers: Int = 1, heads: Int = 2, maxSteps: Int = 60,
    rules: StudyProtocol = .published,
    learningRate: Double = 1e-2, seed: Int = 7
  ) -> RunPlan {
    RunPlan(
      task: task, seed: seed, studyProtocol: rules,
      model: ModelConfiguration(
        layers: layers, heads: heads, dModel: 16, dMLP: 32, positions: rules.positions), batchSize: 4,
      maxSteps: maxSteps, learningRate: learningRate)
  }
}

/// Draws samples as docs/protocols.md describes, word by word.
struct Replay<Stream: RandomStream> {
  var stream: Stream
  var drawn: [[Int]] = []

  init(_ stream: Stream) { self.stream = stream }

  /// Draws a length and then the integers for each sample. A length with one possible value draws nothing.
  @discardableResult
  mutating func draw(_ count: Int, _ lengths: ClosedRange<Int>) -> [[Int]] {
    let samples = (0..<count).map { _ in
      let extra = lengths.count == 1 ? 0 : stream.integer(in: 0..<lengths.count)
      return (0..<lengths.lowerBound + extra).map { _ in 1 + stream.integer(in: 0..<99) }
    }
    drawn += samples
    return samples
  }
}

/// A supervisor that stops a run after a number of steps.
func stopping(after steps: Int) -> Supervisor {
  let count = Mutex(0)
  return Supervisor(shouldStop: {
    count.withLock { asked in
      asked += 1
      return asked > steps
    }
  })
}
