/// What is wrong with a safetensors file, or with what was asked of it.
///
/// `file` is the path, or nil for a tensor that is in no file yet. Every message names the file, the tensor and what
/// to do.
package enum SafetensorsError: Error, Equatable, Sendable {
  /// The file is not there or cannot be read.
  case unreadable(file: String?, reason: String)
  /// The file has not even the eight bytes of a header's length.
  case tooShort(file: String?, byteCount: Int)
  /// The header would end beyond the file.
  case headerBeyondFile(file: String?, headerLength: UInt64, byteCount: Int)
  /// The header is not the JSON that the format asks for, from this byte of the header on.
  case badHeader(file: String?, offset: Int, reason: String)
  /// A name stands in the header (or in the list to be written) twice.
  case duplicateName(file: String?, tensor: String)
  /// A tensor of a name that the format keeps for itself.
  case reservedName(file: String?, tensor: String)
  /// An element type that this program does not know.
  case unknownType(file: String?, tensor: String, dtype: String)
  /// A negative extent, or a size that overflows.
  case badShape(file: String?, tensor: String, shape: [Int])
  /// Offsets that overlap another tensor's, leave a hole, run backwards or beyond the file.
  case badOffsets(file: String?, tensor: String, begin: Int, end: Int, reason: String)
  /// The bytes' count is not what type and shape ask for.
  case sizeMismatch(file: String?, tensor: String, shape: [Int], expected: Int, found: Int)
  /// Bytes after the last tensor.
  case trailingBytes(file: String?, count: Int)
  /// The file has no tensor of this name.
  case missingTensor(file: String?, tensor: String, available: [String])
  /// The tensor has another shape than asked for.
  case wrongShape(file: String?, tensor: String, expected: [Int], found: [Int])
  /// The tensor's type cannot be read as asked (`wanted` is "floats" or "integers").
  case wrongType(file: String?, tensor: String, dtype: SafetensorsType, wanted: String)
  /// An unsigned integer above Int.max.
  case integerTooLarge(file: String?, tensor: String, index: Int)
  /// A NaN or an infinity at this (row-major) index.
  case nonFinite(file: String?, tensor: String, index: Int)
}
