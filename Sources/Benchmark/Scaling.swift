import Compute
import Statistics
import Transformer

/// How the time of a step grows with one size, and a straight line fitted to it.
package struct ScalingSeries: Codable, Sendable {
  /// The time of a step at one size.
  package struct Point: Codable, Sendable {
    package var size: Int
    package var milliseconds: Spread
  }

  /// `layers`, `batch` (sequences) or `models`.
  package var size: String
  package var points: [Point]
  /// Milliseconds for each additional unit of the size (`slope`) and at size zero (`intercept`), by least
  /// squares through the medians.
  package var slope: Double
  package var intercept: Double
  /// The share of the medians' variance that the line explains.
  package var r2: Double

  init(size: String, points: [Point]) throws {
    self.size = size
    self.points = points
    let line = try LinearFit(points.map { Double($0.size) }, points.map(\.milliseconds.median))
    (slope, intercept, r2) = (line.slope, line.intercept, line.r2)
  }
}

/// Steps of the study's training at several sizes; only one size varies at a time.
final class ScalingMeasurement {
  private let size: String
  private let subjects: [(size: Int, workload: TrainingWorkload)]
  private var milliseconds: [[Double]]
  private let steps = 3

  static func all(on device: any Device) throws -> [ScalingMeasurement] {
    var layers: [(Int, TrainingPlan)] = []
    for count in [1, 2, 4, 8] {
      layers.append((count, .published(configuration: ModelConfiguration(layers: count))))
    }
    let batches = [16, 32, 64, 128].map { ($0, TrainingPlan.published(batchSize: $0)) }
    let models = [1, 2, 4, 8].map { ($0, TrainingPlan.published(models: $0)) }
    return try [("layers", layers), ("batch", batches), ("models", models)].map {
      try ScalingMeasurement(size: $0, plans: $1, on: device)
    }
  }

  private init(size: String, plans: [(Int, TrainingPlan)], on device: any Device) throws {
    self.size = size
    subjects = try plans.map { ($0, try TrainingWorkload($1, on: device)) }
    milliseconds = [[Double]](repeating: [], count: plans.count)
    for subject in subjects {
      for _ in 0..<2 { _ = try subject.workload.run() }
    }
  }

  func measure() throws {
    for (index, subject) in subjects.enumerated() {
      for _ in 0..<steps { milliseconds[index].append(try subject.workload.run().seconds * 1e3) }
    }
  }

  func series() throws -> ScalingSeries {
    try ScalingSeries(
      size: size,
      points: zip(subjects, milliseconds).map { .init(size: $0.size, milliseconds: Spread($1)) })
  }
}
