import Foundation

/// A tensor to be written, whose bytes are made when they are needed, a piece at a time.
package struct TensorSource {
  package let name: String
  let typeName: String
  /// The extent of each dimension, outermost first.
  let shape: [Int]
  let byteCount: Int
  /// Hands over all bytes in order. It may be called more than once and gives the same bytes each time.
  let forEachPiece: (_ take: (Data) throws -> Void) throws -> Void

  /// A tensor of single-precision values (F32).
  ///
  /// - Parameter pieces: Hands over all values, row-major. It may be called more than once and must give the same
  ///   values each time.
  /// - Throws: `SafetensorsError.badShape`.
  package init(
    name: String, shape: [Int], pieces: @escaping (_ take: ([Float]) throws -> Void) throws -> Void
  ) throws(SafetensorsError) {
    guard let byteCount = SafetensorsTensor.byteCount(of: shape, dtype: .float32) else {
      throw .badShape(file: nil, tensor: name, shape: shape)
    }
    self.name = name
    typeName = SafetensorsType.float32.rawValue
    self.shape = shape
    self.byteCount = byteCount
    forEachPiece = { take in try pieces { try take(littleEndianData($0)) } }
  }

  /// A tensor that exists already, in memory or in a file.
  package init(_ tensor: SafetensorsTensor) {
    name = tensor.name
    typeName = tensor.typeName
    shape = tensor.shape
    byteCount = tensor.byteCount
    forEachPiece = { take in
      for range in tensor.bytes.pieces { try take(tensor.bytes.file.read(range)) }
    }
  }

  /// The bits of an element that its place must be a multiple of; 0 for a byte and for what is packed or unknown.
  var alignment: Int {
    let bits = SafetensorsType(rawValue: typeName)?.bitCount ?? 0
    return bits > 8 ? bits : 0
  }
}
