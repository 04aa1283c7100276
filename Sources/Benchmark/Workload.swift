import Compute
import Transformer

/// Something that is timed repeatedly on one device.
protocol Workload: AnyObject {
  /// Does the work once and waits for it.
  ///
  /// - Returns: the elapsed seconds, in total and for its parts, if it has any.
  func run() throws -> WorkloadTime
}

/// The time of one run of a workload.
struct WorkloadTime {
  var seconds: Double
  /// The time of each part, by name. Parts need not add up to the whole run.
  var parts: [(name: String, seconds: Double)] = []
}

/// The names of what can be timed: by `causalgap bench --serve`, and by the driver that alternates it with
/// peers.
package enum WorkloadName: String, CaseIterable, Sendable {
  /// A training step of the published configuration; `ensemble` sets the number of models.
  case step
  /// A training step of a 12-layer decoder of width 768 on 4 × 128 tokens.
  case gpt2Step = "gpt2-step"
  /// 21 evaluations of the same 1,000 samples: without ablation and with each component ablated.
  case evaluation
  /// Everything measured on a trained model, with the published counts.
  case analysis
  /// 156 components of a GPT-2-small's shape under four interventions, on 100 pairs of 16 tokens.
  case ablations
  /// Every form of matmul at the sizes of the study and of a GPT-2-small.
  case matmul
}

extension WorkloadName {
  func make(
    on device: any Device, ensemble: Int, activations: ActivationPrecision = .float32
  ) throws -> any Workload {
    switch self {
    case .step: try TrainingWorkload(.published(models: ensemble), activations: activations, on: device)
    case .gpt2Step: try TrainingWorkload(.gpt2Small, activations: activations, on: device)
    case .evaluation: try EvaluationWorkload(on: device)
    case .analysis: try AnalysisWorkload(on: device)
    case .ablations: try AblationsWorkload(on: device)
    case .matmul: try MatmulWorkload(on: device)
    }
  }

  /// The number of runs before the first that counts.
  var warmUp: Int {
    switch self {
    case .step: 10
    case .gpt2Step, .evaluation, .analysis, .matmul: 1
    // A run takes minutes, so a warm-up would hardly change its time.
    case .ablations: 0
    }
  }
}
