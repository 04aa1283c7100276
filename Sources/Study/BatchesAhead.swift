import Concurrency
import Dispatch
import Errors
import RandomStreams
import Tasks
import Transformer

/// The batches of consecutive steps, drawn and packed on a separate thread while the device computes. Only a
/// few are prepared ahead, and never more than the steps need, because what follows the last step may draw
/// from the same streams.
final class BatchesAhead {
  /// The batch of a step, and the state of each model's stream after it.
  struct Step {
    var batch: PackedBatch
    var streams: [DataStream]
  }

  private static let lookAhead = 2

  private let queue = DispatchQueue(label: "causalgap.batches", qos: .userInitiated)
  private let source: Source
  private var slots: [Slot] = []
  private var unasked: Int

  /// - Parameters:
  ///   - sources: the plan of each model, and its stream before the first step.
  ///   - steps: the number of steps to draw batches for.
  init(_ sources: [(TrainingPlan, DataStream)], steps: Int, for configuration: ModelConfiguration) {
    source = Source(sources, configuration)
    unasked = steps
    for _ in 0..<Self.lookAhead { ask() }
  }

  /// The batch of the next step.
  ///
  /// - Throws: `ModelError.batch`; `InternalError` after the last step.
  func next() throws -> Step {
    guard !slots.isEmpty else { throw InternalError("no step is left to draw a batch for") }
    let slot = slots.removeFirst()
    ask()
    return try slot.take()
  }

  private func ask() {
    guard unasked > 0 else { return }
    unasked -= 1
    let slot = Slot()
    slots.append(slot)
    queue.async { [source] in slot.fill(Result { try source.draw() }) }
  }

  /// Used only on the queue after its initialisation.
  private final class Source: @unchecked Sendable {
    private let plans: [TrainingPlan]
    private var streams: [DataStream]
    private let configuration: ModelConfiguration
    /// Models whose batches one thread draws.
    private let parts: [Range<Int>]

    init(_ sources: [(TrainingPlan, DataStream)], _ configuration: ModelConfiguration) {
      plans = sources.map(\.0)
      streams = sources.map(\.1)
      self.configuration = configuration
      parts = stride(from: 0, to: sources.count, by: Self.modelsPerPart).map {
        $0..<min($0 + Self.modelsPerPart, sources.count)
      }
    }

    private static let modelsPerPart = 8

    func draw() throws -> Step {
      let drawn = concurrentMap(parts) { [plans, streams] models in
        models.map { model in
          var stream = streams[model]
          let sequences = plans[model].batch(from: &stream)
          return (Lane(model: model, sequences: sequences), stream)
        }
      }.joined()
      streams = drawn.map(\.1)
      return Step(batch: try PackedBatch(drawn.map(\.0), .distinct, for: configuration), streams: streams)
    }
  }

  /// Filled once on the queue and taken once by the caller, who then owns its content.
  private final class Slot: @unchecked Sendable {
    private let isFilled = DispatchSemaphore(value: 0)
    private var step: Result<Step, any Error>?

    func fill(_ step: Result<Step, any Error>) {
      self.step = step
      isFilled.signal()
    }

    func take() throws -> Step {
      isFilled.wait()
      guard let step else { throw InternalError("a batch was taken twice") }
      self.step = nil
      return try step.get()
    }
  }
}
