import ArgumentParser
import Compute
import Devices
import Foundation
import OperationSuite
import Study
import Tasks
import Transformer

/// The version as `--version` tells it.
let programVersion = Version.program

/// What `--task` and `--tasks` take, in help texts.
let taskNames = TaskCatalogue.names.joined(separator: ", ")

/// Where to compute.
struct DeviceOptions: ParsableArguments {
  @Option(help: "\(DeviceSelection.names).")
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
  @Option(help: "Blocks (default: 4).") var layers: Int?
  @Option(help: "Attention heads a block (default: 4).") var heads: Int?
  @Option(help: "Width of the residual stream (default: 128).") var dModel: Int?
  @Option(name: .customLong("d-ff"), help: "Width of the MLP's hidden layer (default: 512).")
  var dMLP: Int?
  @Option(help: "Positions, none, learned or rotary; the protocol's by default.") var positions: String?
  @Option(help: "Sequences a batch (default: 64).") var batchSize: Int?
  @Option(help: "Training steps at most (default: 15000).") var maxSteps: Int?
  @Option(help: "Adam's learning rate (default: 0.001).") var learningRate: Double?

  /// - Throws: `UsageError` for positions that are not known.
  func configuration(_ studyProtocol: StudyProtocol) throws -> ModelConfiguration {
    var model = ModelConfiguration(positions: studyProtocol.positions)
    model.layers = layers ?? model.layers
    model.heads = heads ?? model.heads
    model.dModel = dModel ?? model.dModel
    model.dMLP = dMLP ?? model.dMLP
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
