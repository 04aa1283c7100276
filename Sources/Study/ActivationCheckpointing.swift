import Compute
import Errors
import Transformer

/// Whether the passes of a run keep only the inputs of blocks and compute the other activations again for the
/// backward. It decides how much memory and time a run needs, and none of its results.
package enum ActivationCheckpointing: String, Sendable, CaseIterable {
  /// Only where the run would not fit into memory otherwise.
  case auto
  case on, off
}

extension PlannedTraining {
  /// Whether a run recomputes activations, with a number of models side by side.
  func recomputesActivations(on device: any Device, models: Int = 1) throws -> Bool {
    switch checkpointing {
    case .on: return true
    case .off: return false
    case .auto:
      let largest = device.description.largestAllocation
      let needed = try memory(models: models, largestAllocation: largest, recomputes: false)
      return !MemoryRoom(device).fits(needed, largestAllocation: largest)
    }
  }

  /// A line that says that `auto` has chosen to recompute activations, and why, or what `on` does not concern; nil if there is nothing
  /// to say.
  func checkpointingNote(on device: any Device, models: Int = 1) throws -> String? {
    let isHalf = activations != .float32
    if isHalf, checkpointing == .on {
      return "activation checkpointing: not in training, which keeps activations as \(activations.rawValue)"
    }
    guard checkpointing == .auto, try recomputesActivations(on: device, models: models) else { return nil }
    let largest = device.description.largestAllocation
    let room = MemoryRoom(device)
    let (without, with) = (
      try memory(models: models, largestAllocation: largest, recomputes: false),
      try memory(models: models, largestAllocation: largest, recomputes: true)
    )
    return
      "activation checkpointing: on\(isHalf ? " for the analysis" : ""), because without it the run may need "
      + "\(gibibytes(room.deviceBytes(without), digits: 1)) of \(gibibytes(room.device, digits: 1)); with it "
      + gibibytes(room.deviceBytes(with), digits: 1)
  }
}

extension RunPlan {
  /// A trained model on a device, to be analysed.
  func transformer(_ model: TrainedModel, on device: any Device) throws -> Transformer {
    let transformer = try Transformer(
      model.checkpoint.configuration, parameters: [model.checkpoint.parameters], on: device)
    transformer.recomputesActivations = try recomputesActivations(on: device)
    return transformer
  }
}
