import Foundation
import Safetensors
import Testing

/// The bytes of a file with this header and body, beginning with the header's length.
func fileBytes(header: String, body: [UInt8] = []) -> Data {
  let length = UInt64(header.utf8.count)
  return Data((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }) + Data(header.utf8) + Data(body)
}

/// A file with metadata, a matrix, a scalar, an empty tensor, and integers of two widths.
func mixedFile() throws -> SafetensorsFile {
  try SafetensorsFile(
    metadata: ["config": "{\"n_layers\": 4,\n\t\"name\": \"ü\\\u{1}😀\"}", "": "empty key"],
    tensors: [
      SafetensorsTensor(
        name: "blocks.0.attn.W_Q", shape: [2, 3], floats: [0, -0.0, 1.5, -2, 3e38, 0x1p-149]),
      SafetensorsTensor(name: "tokens", shape: [3], integers: [Int32.min, 0, Int32.max]),
      SafetensorsTensor(name: "none \"quoted\"", shape: [0, 7], floats: []),
      SafetensorsTensor(name: "steps", shape: [2], integers: [Int.min, Int.max]),
      SafetensorsTensor(name: "loss", shape: [], floats: [2.25]),
    ])
}

func expectEqual(
  _ tensor: SafetensorsTensor, _ expected: SafetensorsTensor,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(tensor.typeName == expected.typeName, sourceLocation: sourceLocation)
  #expect(tensor.shape == expected.shape, sourceLocation: sourceLocation)
  #expect(try tensor.contents() == expected.contents(), sourceLocation: sourceLocation)
}
