import ArgumentParser
import AtomicFile
import Foundation
import Importance
import Records

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
    let target = try path(output, "--output")
    let inputs = [try path(checkpoint, "--checkpoint"), try path(batch, "--batch")]
    let files = ([target] + inputs).map { $0.resolvingSymlinksInPath().path }
    guard !files.dropFirst().contains(files[0]) else {
      throw UsageError("--output \(output) would replace what is to be inspected; choose another name")
    }
    guard (try? FileKind.of(target)) != .folder else {
      throw UsageError("--output \(output) is a folder; name the file to write")
    }
    let inspection = try Inspection(
      checkpoint: inputs[0], batch: inputs[1], ablate: ablate, includesActivations: activations)
    for note in inspection.checkpoint.notes { say("note: \(note)") }
    let result = try inspection.run(on: device.make())
    try result.write(to: target)
    // Where the result went to the standard output, or another program, a name would spoil it.
    if !isStream(target) { print(output) }
  }
}
