import Foundation
import FuzzChecks
import Safetensors
import Transformer

/// Examines a text as the configuration of a checkpoint. Of a small model that is accepted, a whole checkpoint is
/// written and read.
func examineCheckpoint(_ bytes: Data) throws {
  let text = String(decoding: bytes, as: UTF8.self)
  let bare = try success("a file of metadata") {
    try SafetensorsFile(metadata: ["config": text], tensors: [])
  }
  _ = try outcome { try Checkpoint(bare, path: "f") }
  guard let read = try outcome({ try Checkpoint.configuration(of: bare, path: "f") }) else { return }
  for note in read.notes { try requireLine(note) }
  let configuration = read.0
  guard
    [configuration.dModel, configuration.dMLP, configuration.vocabulary, configuration.context].max() ?? 0
      <= 16,
    configuration.layers <= 3
  else { return }
  let count = ParameterLayout(configuration).count
  let checkpoint = Checkpoint(
    configuration: configuration, parameters: (0..<count).map { Float($0) / 64 - 3 })
  let data = try success("writing a checkpoint") { try bytesOf(checkpoint) }
  let again = try success("reading a checkpoint again") {
    try Checkpoint(SafetensorsFile(data: data), path: "f")
  }
  try require(again.configuration == configuration, "the configuration changed")
  try require(try bytesOf(again) == data, "the parameters changed")
  // The text itself, beside the tensors of the model that it describes.
  let file = try success("a file of tensors") {
    try SafetensorsFile(metadata: ["config": text], tensors: SafetensorsFile(data: data).tensors)
  }
  if let own = try outcome({ try Checkpoint(file, path: "f") }) {
    for note in own.notes { try requireLine(note) }
  }
}

private func bytesOf(_ checkpoint: Checkpoint) throws -> Data {
  var data = Data()
  try checkpoint.output().file.forEachPiece { data.append($0) }
  return data
}
