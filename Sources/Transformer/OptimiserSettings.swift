import Foundation

/// How a training turns gradients into steps: Adam, to which a schedule of the learning rate, weight decay and
/// clipping can be added. Without them it is the published training.
package struct OptimiserSettings: Equatable, Sendable {
  /// How the learning rate goes on after the warm-up.
  package enum Schedule: String, Codable, Sendable, CaseIterable { case constant, cosine }

  /// The learning rate after the warm-up.
  package var learningRate: Double
  /// The number of first steps over which the learning rate rises to its full value; 0 is off.
  package var warmupSteps: Int
  package var schedule: Schedule
  /// The last step of the training, at whose end a cosine reaches 0. Other schedules ignore it.
  package var maxSteps: Int
  /// AdamW's λ for weight matrices and embeddings; 0 is off. See `ParameterLayout.decayed`.
  package var weightDecay: Double
  /// The largest norm of a model's gradient; 0 is off.
  package var clipNorm: Double

  package init(
    learningRate: Double = 1e-3, warmupSteps: Int = 0, schedule: Schedule = .constant, maxSteps: Int = 0,
    weightDecay: Double = 0, clipNorm: Double = 0
  ) {
    self.learningRate = learningRate
    self.warmupSteps = warmupSteps
    self.schedule = schedule
    // Trainings that differ in an unused setting can share an ensemble.
    self.maxSteps = schedule == .cosine ? maxSteps : 0
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
  }

  /// The learning rate of a step, counted from 1. With W warm-up steps and a maximum of T:
  ///
  /// - steps 1…W: `rate · step / W`;
  /// - later steps: `rate`, or under `cosine` `rate · ½·(1 + cos(π · (step − 1 − W) / (T − W)))`.
  ///
  /// The first step after the warm-up has the full rate, and the rate would be 0 at step T + 1. These are the
  /// rates of PyTorch's `SequentialLR` with milestone W of `LinearLR(start_factor=1/W, total_iters=W − 1)` and
  /// `CosineAnnealingLR(T_max=T − W)`.
  package func learningRate(atStep step: Int) -> Double {
    if step <= warmupSteps { return learningRate * Double(step) / Double(warmupSteps) }
    guard schedule == .cosine, maxSteps > warmupSteps else { return learningRate }
    let share = Double(step - 1 - warmupSteps) / Double(maxSteps - warmupSteps)
    return learningRate * 0.5 * (1 + cos(.pi * min(share, 1)))
  }
}
