/// An error in a safetensors file, or in a request for its content.
///
/// `file` is the path, or nil for a tensor that is not in a file yet. Every message names the file and the
/// tensor, and says what to do.
package enum SafetensorsError: Error, Equatable, Sendable {
  /// The file does not exist or cannot be read.
  case unreadable(file: String?, reason: String)
  /// The path is a folder. `holdsModel` says whether a `model.safetensors` exists in it.
  case isFolder(path: String, holdsModel: Bool)
  /// The file is shorter than the eight bytes that hold the header's length.
  case tooShort(file: String?, byteCount: Int)
  /// The header would end beyond the file.
  case headerBeyondFile(file: String?, headerLength: UInt64, byteCount: Int)
  /// The header is not the JSON that the format requires, from this byte on.
  case badHeader(file: String?, offset: Int, reason: String)
  /// A name occurs twice in the header (or in the list to be written).
  case duplicateName(file: String?, tensor: String)
  /// A tensor has a name that the format reserves.
  case reservedName(file: String?, tensor: String)
  /// This program does not know the element type.
  case unknownType(file: String?, tensor: String, dtype: String)
  /// A negative extent, a size that overflows, or elements that don't fill whole bytes.
  case badShape(file: String?, tensor: String, shape: [Int])
  /// The offsets overlap those of another tensor, leave a gap, run backwards, or lie beyond the file.
  case badOffsets(file: String?, tensor: String, begin: Int, end: Int, reason: String)
  /// The number of bytes does not agree with type and shape.
  case sizeMismatch(file: String?, tensor: String, shape: [Int], expected: Int, found: Int)
  /// The file has bytes after its last tensor.
  case trailingBytes(file: String?, count: Int)
  /// The content is not the one whose checksum the file states.
  case checksumMismatch(file: String?)
  /// The file has no tensor with this name.
  case missingTensor(file: String?, tensor: String, available: [String])
  /// The tensor does not have the requested shape.
  case wrongShape(file: String?, tensor: String, expected: [Int], found: [Int])
  /// The tensor's type cannot be read as requested (`wanted` is "floats" or "integers").
  case wrongType(file: String?, tensor: String, dtype: SafetensorsType, wanted: String)
  /// The tensor has an unsigned integer above Int.max.
  case integerTooLarge(file: String?, tensor: String, index: Int)
  /// The tensor has a NaN or an infinity at this (row-major) index.
  case nonFinite(file: String?, tensor: String, index: Int)
}
