import ArgumentParser
import Foundation
import Importance

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract:
      "Logits, loss and every gradient of a checkpoint on a batch: the handshake with other frameworks.")

  @Option(help: "The model, safetensors.") var checkpoint: String
  @Option(help: "tokens and targets [B, T], safetensors.") var batch: String
  @Option(help: "What to write, safetensors.") var output: String
  @Option(help: "Components to replace: L1_H2=mean,L0_MLP=zero; mean, zero or published.") var ablate: String?
  @Flag(help: "Write activations too, under their TransformerLens names.") var activations = false
  @OptionGroup(title: "Device") var device: DeviceFlags

  mutating func run() throws {
    let files = [output, checkpoint, batch].map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
    guard !files.dropFirst().contains(files[0]) else {
      throw UsageError("--output \(output) would replace what is to be inspected; choose another name")
    }
    let inspection = try Inspection(
      checkpoint: URL(fileURLWithPath: checkpoint), batch: URL(fileURLWithPath: batch), ablate: ablate,
      includesActivations: activations)
    let result = try inspection.run(on: device.make())
    try result.write(to: URL(fileURLWithPath: output))
    print(output)
  }
}
