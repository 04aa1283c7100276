import Foundation
import FuzzChecks
import Safetensors

/// Examines bytes as a safetensors file; where they are refused, once more with a header length that fits: most changes of
/// a header change its length, and would be refused for that alone.
package func examineSafetensors(_ data: Data) throws {
  let bytes = [UInt8](data)
  if try isAccepted(bytes) { return }
  guard bytes.count > 8, let end = bytes.lastIndex(of: UInt8(ascii: "}")), end >= 8 else { return }
  var repaired = bytes
  for place in 0..<8 { repaired[place] = UInt8(truncatingIfNeeded: (end - 7) >> (8 * place)) }
  if repaired != bytes { _ = try isAccepted(repaired) }
}

private func isAccepted(_ bytes: [UInt8]) throws -> Bool {
  let data = Data(bytes)
  let file: SafetensorsFile
  do {
    file = try SafetensorsFile(data: data, path: "f")
  } catch {
    // Making and reading a message takes as long as reading the file.
    if bytes.count.isMultiple(of: 8) { try requireMessage(error) }
    return false
  }
  try requireWhole(file, bytes)
  // Most inputs differ little from the one before, so a part of the dear checks for each is enough.
  switch bytes.count % 4 {
  case 0: try requireChecksum(file)
  case 1: try requireSameAgain(file)
  case 2: try readValues(of: file)
  default: _ = try outcome { try file.verifyChecksum() }
  }
  return true
}

/// The tensors' bytes are those after the header: all of them, in order, each once.
private func requireWhole(_ file: SafetensorsFile, _ bytes: [UInt8]) throws {
  var end = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
  for tensor in file.tensors {
    let contents = try success("reading a tensor") { try tensor.contents() }
    try require(contents.count == tensor.byteCount, "\(tensor.name) has \(contents.count) bytes")
    try require(
      end + contents.count <= bytes.count && contents.elementsEqual(bytes[end..<end + contents.count]),
      "the bytes of \(tensor.name) are not those of the file")
    end += contents.count
  }
  try require(end == bytes.count, "bytes from \(end) to \(bytes.count) belong to no tensor")
}

private func readValues(of file: SafetensorsFile) throws {
  for tensor in file.tensors {
    let count = tensor.shape.reduce(1) { $0 * $1 }
    if let floats = try outcome({ try file.floats(named: tensor.name) }) {
      try require(floats.count == count, "\(tensor.name) has \(floats.count) floats, not \(count)")
    }
    if let integers = try outcome({ try file.integers(named: tensor.name) }) {
      try require(integers.count == count, "\(tensor.name) has \(integers.count) integers, not \(count)")
    }
    _ = try outcome { try file.finiteFloats(named: tensor.name) }
  }
}

private func requireSameAgain(_ file: SafetensorsFile) throws {
  let text = try success("writing") { try file.serialised() }
  let again = try success("reading what was written") { try SafetensorsFile(data: text) }
  try require(again.metadata == file.metadata, "the metadata changed")
  try require(again.tensors.count == file.tensors.count, "the number of tensors changed")
  for tensor in file.tensors {
    let other = try success("finding a tensor again") { try again.tensor(named: tensor.name) }
    try require(
      (other.name, other.typeName) == (tensor.name, tensor.typeName) && other.shape == tensor.shape
        && (try other.contents() == tensor.contents()), "\(tensor.name) changed")
  }
}

/// With a checksum the file is accepted, and with one bit changed it is refused.
private func requireChecksum(_ file: SafetensorsFile) throws {
  let output = SafetensorsOutput(metadata: file.metadata, tensors: file.tensors.map { TensorSource($0) })
  var text = Data()
  try success("writing with a checksum") { try output.withChecksum().file.forEachPiece { text.append($0) } }
  let summed = try success("reading with a checksum") { try SafetensorsFile(data: text) }
  try require(summed.statedChecksum != nil, "the checksum is not stated")
  try success("verifying") { try summed.verifyChecksum() }
  guard summed.tensors.contains(where: { $0.byteCount > 0 }) else { return }
  text[text.count - 1] ^= 0x10
  let damaged = try success("reading damaged data") { try SafetensorsFile(data: text) }
  try require(
    (try? damaged.verifyChecksum()) == nil, "a changed bit does not change the checksum")
}
