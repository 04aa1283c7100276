import Dispatch
import RandomStreams
import Tasks
import Transformer

/// The batches of consecutive steps, drawn and packed on a thread of their own while the device computes. Only a few
/// are ever ahead, and none is drawn that no step asks for: what follows the last step may draw from the same streams.
final class BatchesAhead {
  /// A step's batch, and each model's stream behind it.
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
  ///   - sources: each model's plan, and its stream as it stands before the first step.
  ///   - steps: as many are drawn if all are taken.
  init(_ sources: [(RunPlan, DataStream)], steps: Int, for configuration: ModelConfiguration) {
    source = Source(sources, configuration)
    unasked = steps
    for _ in 0..<Self.lookAhead { ask() }
  }

  /// The next step's batch.
  ///
  /// - Throws: `ModelError.batch`; `StudyError.impossible` beyond the last step.
  func next() throws -> Step {
    guard !slots.isEmpty else { throw StudyError.impossible("no step is left to draw a batch for") }
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

  /// Used on the queue alone, once it is made.
  private final class Source: @unchecked Sendable {
    private let plans: [RunPlan]
    private var streams: [DataStream]
    private let configuration: ModelConfiguration

    init(_ sources: [(RunPlan, DataStream)], _ configuration: ModelConfiguration) {
      plans = sources.map(\.0)
      streams = sources.map(\.1)
      self.configuration = configuration
    }

    func draw() throws -> Step {
      let lanes = plans.indices.map { model in
        Lane(model: model, sequences: TrainingMember.sequences(of: plans[model], from: &streams[model]))
      }
      return Step(batch: try PackedBatch(lanes, .distinct, for: configuration), streams: streams)
    }
  }

  /// Filled once on the queue and taken once by the caller, who then owns what was in it.
  private final class Slot: @unchecked Sendable {
    private let isFilled = DispatchSemaphore(value: 0)
    private var step: Result<Step, any Error>?

    func fill(_ step: Result<Step, any Error>) {
      self.step = step
      isFilled.signal()
    }

    func take() throws -> Step {
      isFilled.wait()
      guard let step else { throw StudyError.impossible("a batch was taken twice") }
      self.step = nil
      return try step.get()
    }
  }
}
