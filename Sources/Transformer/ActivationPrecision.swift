import HalfPrecision

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
}
