import ArgumentParser
import AtomicFile
import Foundation
import Importance
import Records
import Study

struct InspectCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract:
      "Logits, loss and every gradient of a checkpoint on a batch, for checking against PyTorch or TransformerLens.",
    discussion: """
      --patch changes a component's output, L1_H2=noising, or one edge, WRITER>READER=noising: what the reader alone \
      reads of the writer. Writers are embed, heads (L0_H1) and MLPs (L0_MLP); readers are a head's query, key or \
      value (L2_H3.q, .k, .v), MLPs and logits. noising takes the writer's output in the corrupted run and starts \
      from the clean one, denoising the other way round; mean and zero need no corrupted run; published is for \
      components alone. Patched, there are logits and a loss, and no gradients.
      """ + "\n\n"
        + examples(
          "causalgap inspect --checkpoint m.safetensors --batch b.safetensors \\",
          "    --output o.safetensors --ablate L1_H2=mean,L0_MLP=zero"))

  @Option(
    help: ArgumentHelp(
      "The model: a checkpoint, safetensors, or a folder as Hugging Face saves it.", valueName: "path"))
  var checkpoint: String
  @Option(
    help: ArgumentHelp(
      "tokens and targets [B, T], and corrupted [B, T] for noising, denoising and edges, safetensors; nothing else is read.",
      valueName: "file"))
  var batch: String
  @Option(help: ArgumentHelp("What to write, safetensors.", valueName: "file")) var output: String
  @Option(
    help: ArgumentHelp(
      "Components to replace: L1_H2=mean,L0_MLP=zero; mean (over this batch), zero or published.",
      valueName: "list"))
  var ablate: String?
  @Option(
    help: ArgumentHelp("What to patch: L0_H1>L2_H3.q=noising,L1_MLP=noising; see above.", valueName: "list"))
  var patch: String?
  @Flag(help: "Write the attribution of every edge too: eap and eap_ig [writers, readers, B].") var edges =
    false
  @Flag(help: "Write activations too, under their TransformerLens names.") var activations = false
  @OptionGroup(title: "Device") var device: DeviceFlags
  @OptionGroup(title: "Messages") var messages: MessageFlags

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
      checkpoint: inputs[0], batch: inputs[1], ablate: ablate, patch: patch, includesActivations: activations,
      includesEdges: edges)
    for note in inspection.checkpoint.notes { say("note: \(note)") }
    let device = try device.make()
    try inspection.checkMemory(on: device)
    let result = try inspection.run(on: device)
    for note in result.notes { say("note: \(note)") }
    try result.file.write(to: target)
    say("\(result.scores)")
    // If the result went to the standard output or to another program, printing a path would spoil it.
    if !isStream(target) { print(output) }
  }
}
