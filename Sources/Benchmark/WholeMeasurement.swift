import Compute

/// Everything larger than an operation: trainings, evaluation, analysis and separate processes.
final class WholeMeasurement {
  private let benchmark: Benchmark
  private var trainings: [TrainingMeasurement]
  private let scalings: [ScalingMeasurement]
  private let profile: ProfileMeasurement
  private let evaluation: EvaluationWorkload
  private let analysis: AnalysisWorkload
  private var evaluations: [WorkloadTime] = []
  private var analyses: [WorkloadTime] = []
  /// The training of a GPT-2-small runs in a separate process, so that its memory can be measured.
  private let large: ServedProcess?
  private var largeAnswers: [Serving.Answer] = []
  private var starts: [Double] = []
  private var startPeak: Int?

  init(_ benchmark: Benchmark) throws {
    self.benchmark = benchmark
    let (device, quick) = (benchmark.device, benchmark.options.quick)
    trainings = try (quick ? [1, 4] : [1, 4, 16]).map { models in
      try TrainingMeasurement(
        "published step", .published(models: models), steps: models == 1 ? 10 : 3, on: device)
    }
    scalings = benchmark.options.scaling ? try ScalingMeasurement.all(on: device) : []
    profile = try ProfileMeasurement(.published(), on: device)
    evaluation = try EvaluationWorkload(on: device)
    analysis = try AnalysisWorkload(on: device)
    // Run once beforehand, so that the first round does not build kernels.
    _ = try evaluation.run()
    _ = try analysis.run()
    large =
      quick
      ? nil
      : try benchmark.executable.map {
        try ServedProcess($0, Serving(workload: .gpt2Step), device: device.description.selector)
      }
  }

  func measure() throws {
    for training in trainings { try training.measure() }
    for scaling in scalings { try scaling.measure() }
    try profile.measure()
    evaluations.append(try evaluation.run())
    analyses.append(try analysis.run())
    if let large { largeAnswers.append(try large.run(1)) }
    try measureStart()
  }

  /// Starts the program for one step, then lets it continue: the time and memory of a small training.
  private func measureStart() throws {
    guard let executable = benchmark.executable else { return }
    let process = try ServedProcess(
      executable, Serving(workload: .step, warmUp: 1), device: benchmark.device.description.selector)
    starts.append(process.secondsToReady)
    startPeak = try process.run(20).peakBytes
    process.quit()
  }

  func complete(_ report: inout BenchmarkReport) throws {
    let roof = report.roof
    report.training = trainings.map { $0.timing(under: roof) }
    if let gigaflop = largeAnswers.first?.gigaflop {
      report.training.append(
        TrainingTiming(
          name: "12 layers × 768", models: 1, milliseconds: largeAnswers.flatMap(\.ms), gigaflop: gigaflop,
          roof: roof))
    }
    report.scaling = try scalings.map { try $0.series() }
    report.profile = profile.profile
    let one = Spread(evaluations.flatMap { $0.parts.map { $0.seconds * 1e3 } })
    report.evaluation = BenchmarkReport.Evaluation(
      samples: EvaluationWorkload.samples, milliseconds: one,
      samplesPerSecond: Double(EvaluationWorkload.samples) / (one.median * 1e-3),
      pairedMilliseconds: Spread(evaluations.map { $0.seconds * 1e3 }))
    var parts: [String: [Double]] = [:]
    for part in analyses.flatMap(\.parts) { parts[part.name, default: []].append(part.seconds * 1e3) }
    report.analysis = BenchmarkReport.AnalysisTiming(
      milliseconds: Spread(analyses.map { $0.seconds * 1e3 }), parts: parts.mapValues { Spread($0) })
    if !starts.isEmpty {
      report.processes.append(
        .init(name: "published step", secondsToFirstStep: Spread(starts), peakBytes: startPeak))
    }
    if let peak = largeAnswers.last?.peakBytes {
      report.processes.append(.init(name: "12 layers × 768", secondsToFirstStep: nil, peakBytes: peak))
    }
    large?.quit()
  }
}
