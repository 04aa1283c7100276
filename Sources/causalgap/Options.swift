import ArgumentParser
import Compute
import Devices
import Foundation
import Study
import Transformer

/// The version as `--version` tells it.
let programVersion = Version.program

/// Where to compute.
struct DeviceOptions: ParsableArguments {
  @Option(help: "auto, cpu, cpu:VARIANT, reference, or opencl[:PLATFORM[:DEVICE]].")
  var device = "auto"

  /// The device, and a line on what `auto` picked.
  func make() throws -> any Device {
    let selection = try DeviceSelection(device)
    guard selection == .auto else { return try DeviceCatalogue.make(selection) }
    let (picked, reason) = DeviceCatalogue().automatic
    let device = try DeviceCatalogue.make(picked)
    say("device: \(device.description.selector) (\(reason))")
    return device
  }
}

/// The shape of the model and its training.
struct ModelOptions: ParsableArguments {
  @Option(help: "Blocks.") var layers: Int?
  @Option(help: "Attention heads a block.") var heads: Int?
  @Option(help: "Width of the residual stream.") var dModel: Int?
  @Option(help: "Width of the MLP's hidden layer.") var dFf: Int?
  @Option(help: "Positions, none or learned; the protocol's by default.") var positions: String?
  @Option(help: "Sequences a batch.") var batchSize: Int?
  @Option(help: "Training steps at most.") var maxSteps: Int?
  @Option(help: "Adam's learning rate.") var learningRate: Double?

  /// - Throws: `UsageError` for positions that are not known.
  func configuration(_ studyProtocol: StudyProtocol) throws -> ModelConfiguration {
    var model = ModelConfiguration(positions: studyProtocol.positions)
    model.layers = layers ?? model.layers
    model.heads = heads ?? model.heads
    model.dModel = dModel ?? model.dModel
    model.dMLP = dFf ?? model.dMLP
    if let positions {
      guard let known = ModelConfiguration.Positions(rawValue: positions) else {
        throw UsageError("there are no positions '\(positions)'; use none or learned")
      }
      model.positions = known
    }
    return model
  }
}
