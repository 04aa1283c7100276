import Compute
import HalfPrecision
import Transformer

/// The precision in which a training keeps activations from the forward for the backward. What is less than single precision
/// saves memory, rounds gradients, and so leads to other models.
package enum ActivationPrecision: String, Codable, Hashable, Sendable, CaseIterable {
  case float32
  /// IEEE 754 binary16.
  case half
  case bfloat16

  /// Nil for single precision.
  package var format: HalfFormat? {
    switch self {
    case .float32: nil
    case .half: .float16
    case .bfloat16: .bfloat16
    }
  }

  /// The word in records, which have none for single precision.
  var recorded: String? { self == .float32 ? nil : rawValue }
}

extension PlannedTraining {
  /// Settles how a transformer that is to be trained keeps activations, before its first forward.
  func settleActivations(
    of transformer: Transformer, on device: any Device, models: Int = 1
  ) throws {
    transformer.activationFormat = activations.format
    transformer.recomputesActivations = try recomputesActivations(on: device, models: models)
  }
}
