import ArgumentParser
import Compute
import Devices
import Foundation
import OperationSuite
import Study
import Transformer

/// The version as `--version` tells it.
let programVersion = Version.program

/// Where to compute.
struct DeviceOptions: ParsableArguments {
  @Option(help: "auto, cpu, cpu:VARIANT, reference, or opencl[:PLATFORM[:DEVICE]].")
  var device = "auto"

  /// The device, with a line on what `auto` picked.
  func make() throws -> any Device {
    let selection = try DeviceSelection(device)
    guard selection == .auto else { return try Self.make(selection) }
    let (picked, reason) = DeviceCatalogue().automatic
    let device = try Self.make(picked)
    say("device: \(device.description.selector) (\(reason))")
    return device
  }

  /// A device whose driver is known to compute right: checked quickly where it was not seen before.
  static func make(_ selection: DeviceSelection) throws -> any Device {
    let device = try DeviceCatalogue.make(selection)
    let reference = try DeviceCatalogue.make(.reference)
    if device.description.kind != .reference, try DeviceTrust().confirm(device, against: reference) {
      say("device: \(device.description.selector) not seen before, passed a quick validation")
    }
    return device
  }
}

/// The shape of the model and its training.
struct ModelOptions: ParsableArguments {
  @Option(help: "Blocks.") var layers: Int?
  @Option(help: "Attention heads a block.") var heads: Int?
  @Option(help: "Width of the residual stream.") var dModel: Int?
  @Option(help: "Width of the MLP's hidden layer.") var dFf: Int?
  @Option(help: "Positions, none, learned or rotary; the protocol's by default.") var positions: String?
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
        let known = ModelConfiguration.Positions.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("there are no positions '\(positions)'; use one of \(known)")
      }
      model.positions = known
    }
    return model
  }
}
