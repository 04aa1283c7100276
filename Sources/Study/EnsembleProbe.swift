import Compute
import Dispatch
import RandomStreams
import Transformer

/// Finds out how many models side by side a device trains fastest, by trying.
struct EnsembleProbe {
  /// The numbers of models tried, each with the steps per second of all of them together.
  typealias Rates = [(models: Int, stepsPerSecond: Double)]

  let plan: RunPlan
  let device: any Device

  private static let growth = 4
  private static let warmUps = 2
  private static let steps = 5
  /// The gain in speed that more models must bring for the next number to be tried.
  private static let gain = 1.05

  /// Tries 1, 4, 16, … models up to the limit, until more models bring no gain or do not fit.
  func choose(upTo limit: Int) throws -> (size: Int, rates: Rates) {
    try Self.choose(upTo: limit, rate: measure)
  }

  /// - Parameter rate: the steps per second of a number of models together; nil if they do not fit.
  static func choose(upTo limit: Int, rate: (Int) throws -> Double?) rethrows -> (size: Int, rates: Rates) {
    var rates: Rates = []
    var models = 1
    while let found = try rate(models) {
      let isBetter = found > gain * (rates.last?.stepsPerSecond ?? 0)
      rates.append((models, found))
      if !isBetter || models >= limit { break }
      models = min(models * growth, limit)
    }
    let best = rates.max { $0.stepsPerSecond < $1.stepsPerSecond }
    return (best?.models ?? 1, rates)
  }

  private func measure(_ models: Int) throws -> Double? {
    do {
      let layout = ParameterLayout(plan.model)
      var streams = (0..<models).map { DataStream(MersenneTwister(seed: UInt32($0))) }
      let parameters = streams.map { stream in
        var stream = stream
        return layout.initialParameters(from: &stream)
      }
      let transformer = try Transformer(plan.model, parameters: parameters, on: device)
      try plan.settleActivations(of: transformer, on: device, models: models)
      let optimiser = try AdamOptimiser(transformer, plan.optimiser)
      let batches = try (0..<Self.warmUps + Self.steps).map { _ in
        try PackedBatch(
          streams.indices.map { model in
            Lane(model: model, sequences: plan.training.batch(from: &streams[model]))
          }, .distinct, for: plan.model)
      }
      var began = DispatchTime.now()
      for (index, batch) in batches.enumerated() {
        if index == Self.warmUps {
          try device.synchronize()
          began = .now()
        }
        try transformer.computeGradients(Batch(batch, on: device))
        try optimiser.update(transformer)
      }
      try device.synchronize()
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds) * 1e-9
      return Double(models * Self.steps) / seconds
    } catch let error as ComputeError where error.isShortage && models > 1 {
      return nil
    }
  }
}
