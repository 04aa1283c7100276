import Compute

/// The number of elements, the step and the magnitudes of the numbers in one Adam step.
private struct AdamShape: Sendable, CustomStringConvertible {
  var count: Int
  var step: Int
  /// The standard deviation of the parameters. If it is 0, the new parameters are the update itself, so its
  /// error is visible.
  var parameters: Float = 0
  /// The standard deviation of the gradients. At 1e-8, ε is as large as √v.
  var gradients: Float = 1
  var isTuned = false
  /// `count` is the number of all models' elements.
  var models = 1
  /// Whether gradients are clipped: those of model 0 are below the limit, those of the others above it.
  var isClipped = false
  /// λ; two of three runs of elements decay. The tuned learning rate makes the decay as large as the update.
  var decay = 0.0

  var parametersPerModel: Int { count / models }
  var runs: Int { (parametersPerModel + Adam.decayRun - 1) / Adam.decayRun }

  var description: String {
    "\(models == 1 ? "" : "\(models) models, ")count \(count), step \(step)"
      + "\(parameters == 0 ? ", from zero" : "")"
      + "\(gradients == 1 ? "" : ", gradients \(gradients)")\(isTuned ? ", β 0.95 0.98" : "")"
      + "\(isClipped ? ", clipped" : "")\(decay == 0 ? "" : ", decay \(decay)")"
  }

  static let quick = [
    AdamShape(count: 1001, step: 1), AdamShape(count: 1001, step: 1000),
    AdamShape(
      count: 3 * 333, step: 3, parameters: 1, isTuned: true, models: 3, isClipped: true, decay: 1.5),
  ]
  static let thorough = [
    AdamShape(count: 1, step: 1, parameters: 1),
    AdamShape(count: 7, step: 2),
    AdamShape(count: 4096, step: 1000, parameters: 1),
    AdamShape(count: 40_001, step: 15_000),
    AdamShape(count: 333, step: 10, gradients: 1e-8),
    AdamShape(count: 333, step: 3, isTuned: true),
    AdamShape(count: 0, step: 1, parameters: 1),
    AdamShape(count: 5 * 93, step: 1, models: 5, isClipped: true),
    AdamShape(
      count: 2 * 20_007, step: 1000, parameters: 1, isTuned: true, models: 2, isClipped: true, decay: 0.2),
    AdamShape(count: 4 * 4099, step: 7, parameters: 1, isTuned: true, models: 4, decay: 0.7),
    AdamShape(count: 7, step: 2, parameters: 1, isClipped: true, decay: 0.1),
    AdamShape(count: 0, step: 1, parameters: 1, models: 2, isClipped: true, decay: 0.1),
  ]
  static let study = [
    AdamShape(count: 820_000, step: 1000, parameters: 1),
    AdamShape(count: 4 * 820_000, step: 1000, parameters: 1),
    AdamShape(count: 4 * 820_000, step: 1000, parameters: 1, models: 4, isClipped: true, decay: 0.1),
    // A block of width 768.
    AdamShape(count: 7_087_872, step: 1000, parameters: 1),
  ]
}

extension OperationSuite {
  static let adam = OperationDescriptor(
    Adam.name, quick: AdamShape.quick.map(step), thorough: AdamShape.thorough.map(step),
    benchmarks: AdamShape.study.map(step))

  /// Bounds: a moment is two or three products and a sum, with two factors that were rounded themselves. A 1
  /// − β₂ computed from a rounded β₂ is wrong by 200 roundings and is caught. The update carries the errors
  /// of both moments, a root, a division and two more factors; if the parameters are large, it disappears in
  /// their own rounding. The scale of a clipped gradient is a quotient of two rounded numbers and one more factor,
  /// which the second moment has twice. A decay of the size of the update carries the error of one factor more.
  @Sendable private static func step(_ shape: AdamShape) -> OperationCase {
    let moment = shape.isClipped ? 6 + 2 * (Rounding.division + 2) : 6
    let update = 2 * moment + Rounding.squareRoot + Rounding.division + 3
    let bounds = (
      moment: Rounding.bound(moment),
      parameters: Rounding.bound(shape.parameters == 0 || shape.isTuned ? update + 2 : 2)
    )
    return OperationCase(
      operation: Adam.name, shape: "\(shape)", flops: 12 * shape.count,
      elements: 7 * shape.count + (shape.decay == 0 ? 0 : shape.runs)
    ) { bench in
      let block = Block(rows: [0], extent: 1, columns: max(shape.count, 1), .plain)
      let live = Array(0..<shape.count)
      // Elements beyond the count must stay unchanged; the gradients there are NaN.
      func values(_ value: () -> Float) -> [Float] {
        (0..<block.count).map { $0 < shape.count ? value() : Workbench.canary($0) }
      }
      let isFirst = shape.step == 1
      var operation = Adam(
        parameters: try bench.output(
          "parameters", values: values { bench.generator.value(deviation: shape.parameters) }, live: live,
          bound: bounds.parameters),
        gradients: try bench.input("gradients", block, deviation: shape.gradients),
        firstMoment: try bench.output(
          "first moment",
          values: values { isFirst ? 0 : bench.generator.value(deviation: 0.3 * shape.gradients) },
          live: live, bound: bounds.moment),
        secondMoment: try bench.output(
          "second moment",
          values: values {
            let root = bench.generator.value(deviation: shape.gradients)
            return isFirst ? 0 : root * root
          }, live: live, bound: bounds.moment),
        count: shape.count, step: shape.step)
      if shape.isTuned { (operation.learningRate, operation.beta1, operation.beta2) = (0.3, 0.95, 0.98) }
      operation.models = shape.models
      if shape.isClipped { try addNorms(to: &operation, bench) }
      if shape.decay > 0 { try addDecay(shape.decay, runs: shape.runs, to: &operation, bench) }
      let queued = operation
      return { try bench.device.adam(queued) }
    }
  }

  private static func addNorms(to operation: inout Adam, _ bench: Workbench) throws {
    let models = operation.models
    operation.clipNorm = 1
    operation.gradientNorms = try bench.input(
      "gradient norms", Block(rows: Array(0..<models), extent: models, columns: 1, .plain)
    ) { model, _ in models == 1 ? 3 : 0.4 + 0.9 * Float(model) }
  }

  private static func addDecay(
    _ decay: Double, runs: Int, to operation: inout Adam, _ bench: Workbench
  ) throws {
    operation.weightDecay = decay
    operation.decayWeights = try bench.input(
      "decay weights", Block(rows: Array(0..<runs), extent: runs, columns: 1, .plain)
    ) { run, _ in run % 3 == 1 ? 0 : 1 }
  }
}
