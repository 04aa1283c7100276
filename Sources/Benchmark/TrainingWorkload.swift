import Compute
import RandomStreams
import Tasks
import Transformer

/// Training steps, each on a new batch. The samples are drawn before the clock starts; packing them, the step
/// itself and waiting for the device are timed.
final class TrainingWorkload: Workload {
  let plan: TrainingPlan
  /// Whether rows are all live rows, or each distinct row once.
  let selection: RowSelection
  let transformer: Transformer
  private let optimiser: AdamOptimiser
  /// One data stream per model.
  private var streams: [MersenneTwister]
  /// The multiplications and additions that each step so far needed, for all models.
  private(set) var flops: [Double] = []
  /// The number of kernels that the last step queued, if the device counts them.
  private(set) var launches: Int?

  init(
    _ plan: TrainingPlan, _ selection: RowSelection = .distinct, activations: ActivationPrecision = .float32,
    on device: any Device
  ) throws {
    self.plan = plan
    self.selection = selection
    let seeds = (0..<plan.models).map { UInt32(42 + $0) }
    let layout = ParameterLayout(plan.configuration)
    transformer = try Transformer(
      plan.configuration,
      parameters: seeds.map { seed in
        var stream = MersenneTwister(seed: seed)
        return layout.initialParameters(from: &stream)
      }, on: device)
    transformer.activationFormat = activations.format
    optimiser = try AdamOptimiser(transformer)
    streams = seeds.map { MersenneTwister(seed: $0) }
  }

  func run() throws -> WorkloadTime {
    let lanes = streams.indices.map { model in
      Lane(model: model, sequences: plan.draw(&streams[model]))
    }
    flops.append(lanes.reduce(0) { $0 + LiveWork($1.sequences, plan.configuration).training })
    let counting = transformer.device as? any LaunchCounting
    let before = counting?.launchCount ?? 0
    let (packed, packing) = try timed { try PackedBatch(lanes, selection, for: plan.configuration) }
    let stepping = try seconds { try step(packed) }
    launches = counting.map { $0.launchCount - before }
    return WorkloadTime(seconds: packing + stepping, parts: [("packing", packing), ("step", stepping)])
  }

  private func step(_ packed: PackedBatch) throws {
    let device = transformer.device
    try transformer.computeGradients(Batch(packed, on: device))
    try optimiser.update(transformer)
    try device.synchronize()
  }
}
