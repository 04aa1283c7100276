import Errors
import CPUDevice
import RandomStreams
import Tasks
import Testing
import Transformer

@testable import Study

@Suite("Batches drawn ahead")
struct BatchesAheadTests {
  @Test("equal batches drawn step by step, with the state of each stream after them")
  func order() throws {
    let recorded = RecordedTask()
    func plans(_ recorded: RecordedTask) -> [TrainingPlan] {
      [RecordedTask.plan(.sort, seed: 1), RecordedTask.plan(recorded.task("reverse"), seed: 2)].map(
        \.training)
    }
    let (plans, again) = (plans(recorded), plans(RecordedTask()))
    var streams = plans.map { DataStream(MersenneTwister(seed: UInt32($0.seed))) }
    let ahead = BatchesAhead(Array(zip(plans, streams)), steps: 9, for: plans[0].model)
    let device = try CPUDevice(threads: 1)
    let parameters = ParameterLayout(plans[0].model).initialParameters(from: &streams[0])
    streams[0] = DataStream(MersenneTwister(seed: 1))
    let transformer = try Transformer(plans[0].model, parameters: [parameters, parameters], on: device)
    for step in 1...9 {
      let next = try ahead.next()
      // The step itself and at most two later steps.
      #expect((4 * step...4 * min(step + 2, 9)).contains(recorded.samples.count), "step \(step)")
      let lanes = plans.indices.map { model in
        Lane(model: model, sequences: again[model].batch(from: &streams[model]))
      }
      let streamsAreSame = next.streams == streams
      #expect(streamsAreSame, "step \(step)")
      try transformer.forward(Batch(next.batch, on: device))
      let loss = try transformer.readAllLosses(slots: 0..<1)
      try transformer.forward(Batch(lanes, .live, for: plans[0].model, on: device))
      #expect(try transformer.readAllLosses(slots: 0..<1) == loss)
      #expect(loss[0] != loss[1])
    }
    #expect(throws: InternalError.self) { try ahead.next() }
  }

  @Test("end at the last step, so that a measurement draws the samples after it")
  func bound() throws {
    let recorded = RecordedTask()
    let plan = RecordedTask.plan(recorded.task("sort"))
    let ahead = BatchesAhead(
      [(plan.training, DataStream(MersenneTwister(seed: 7)))], steps: 1, for: plan.model)
    _ = try ahead.next()
    var replay = Replay(DataStream(MersenneTwister(seed: 7)))
    replay.draw(4, 3...7)
    #expect(recorded.samples == replay.drawn)
  }

  @Test("report errors of the sequences")
  func failure() throws {
    var plan = RecordedTask.plan(.sort)
    plan.model.vocabulary = 50
    let ahead = BatchesAhead(
      [(plan.training, DataStream(MersenneTwister(seed: 7)))], steps: 2, for: plan.model)
    #expect(throws: ModelError.self) { try ahead.next() }
  }
}
