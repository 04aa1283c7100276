import Compute

/// Everything that `causalgap bench` measures on one device in one run.
package struct BenchmarkReport: Codable, Sendable {
  package var device: DeviceDescription
  package var rounds: Int
  package var roof: Roof
  package var operations: [OperationTiming]
  /// The study's step, ensembles of it, and the step of a GPT-2-small.
  package var training: [TrainingTiming] = []
  package var scaling: [ScalingSeries] = []
  package var profile: StepProfile?
  package var evaluation: Evaluation?
  package var analysis: AnalysisTiming?
  package var processes: [ProcessTiming] = []

  /// The time of exact-match evaluations.
  package struct Evaluation: Codable, Sendable {
    /// The number of samples of 9 integers in one evaluation of exact match.
    package var samples: Int
    package var milliseconds: Spread
    package var samplesPerSecond: Double
    /// The time for the same samples, evaluated without and with 20 ablations.
    package var pairedMilliseconds: Spread

    enum CodingKeys: String, CodingKey {
      case samples, milliseconds
      case samplesPerSecond = "samples_per_second"
      case pairedMilliseconds = "paired_milliseconds"
    }
  }

  /// The time of the published analysis of a model, and of its parts.
  package struct AnalysisTiming: Codable, Sendable {
    package var milliseconds: Spread
    /// The time of each part, by name.
    package var parts: [String: Spread]
  }

  /// What was measured on separate processes.
  package struct ProcessTiming: Codable, Sendable {
    package var name: String
    /// The time from the start of the process to the end of its first step.
    package var secondsToFirstStep: Spread?
    package var peakBytes: Int?

    enum CodingKeys: String, CodingKey {
      case name
      case secondsToFirstStep = "seconds_to_first_step"
      case peakBytes = "peak_bytes"
    }
  }

  enum CodingKeys: String, CodingKey {
    case device, rounds, roof, operations, training, scaling, profile, evaluation, analysis, processes
  }
}
