import Compute

/// Something whose time is taken, again and again, on one device.
protocol Workload: AnyObject {
  /// Does it once and waits for it.
  ///
  /// - Returns: seconds on the wall, and of its parts where it has any.
  func run() throws -> WorkloadTime
}

/// The time of one run of a workload.
struct WorkloadTime {
  var seconds: Double
  /// By name; of whole parts, which need not add up to the run.
  var parts: [(name: String, seconds: Double)] = []
}

/// What can be timed by name: by `causalgap bench --serve`, and by the driver that alternates it with peers.
package enum WorkloadName: String, CaseIterable, Sendable {
  /// A training step of the published configuration; several models with `ensemble`.
  case step
  /// A training step of a 12-layer decoder of width 768 on 4 × 128 tokens.
  case gpt2Step = "gpt2-step"
  /// 21 evaluations of 1,000 samples: none and each single component ablated, on the same samples.
  case evaluation
  /// Everything measured on a trained model at the published counts.
  case analysis
  /// Every matmul form at the study's and at a GPT-2-small's sizes.
  case matmul
}

extension WorkloadName {
  func make(on device: any Device, ensemble: Int) throws -> any Workload {
    switch self {
    case .step: try TrainingWorkload(.published(models: ensemble), on: device)
    case .gpt2Step: try TrainingWorkload(.gpt2Small, on: device)
    case .evaluation: try EvaluationWorkload(on: device)
    case .analysis: try AnalysisWorkload(on: device)
    case .matmul: try MatmulWorkload(on: device)
    }
  }

  /// Runs before the first that counts.
  var warmUp: Int {
    switch self {
    case .step: 10
    case .gpt2Step, .evaluation, .analysis, .matmul: 1
    }
  }
}
