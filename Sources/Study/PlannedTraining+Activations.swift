import Compute
import Transformer

extension ActivationPrecision {
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
