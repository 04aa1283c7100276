import Compute

/// All that `causalgap bench` measures of one device in one run.
public struct BenchmarkReport: Codable, Sendable {
  public var device: DeviceDescription
  public var rounds: Int
  public var roof: Roof
  public var operations: [OperationTiming]
  /// The study's step, ensembles of it, and a GPT-2-small's.
  public var training: [TrainingTiming] = []
  public var scaling: [ScalingSeries] = []
  public var profile: StepProfile?
  public var evaluation: Evaluation?
  public var analysis: AnalysisTiming?
  public var processes: [ProcessTiming] = []

  public struct Evaluation: Codable, Sendable {
    /// Samples of 9 integers, exact match, one evaluation.
    public var samples: Int
    public var milliseconds: Spread
    public var samplesPerSecond: Double
    /// The same samples, unharmed and under 20 ablations.
    public var pairedMilliseconds: Spread

    enum CodingKeys: String, CodingKey {
      case samples, milliseconds
      case samplesPerSecond = "samples_per_second"
      case pairedMilliseconds = "paired_milliseconds"
    }
  }

  public struct AnalysisTiming: Codable, Sendable {
    public var milliseconds: Spread
    /// By part.
    public var parts: [String: Spread]
  }

  /// What was measured on processes of their own.
  public struct ProcessTiming: Codable, Sendable {
    public var name: String
    /// From the start of the process to the end of its first step.
    public var secondsToFirstStep: Spread?
    public var peakBytes: Int?

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
