import Errors

extension SafetensorsError: CustomStringConvertible {
  package var description: String { message.singleLine }

  private var message: String {
    switch self {
    case .unreadable(let file, let reason):
      "cannot read \(named(file)): \(reason); check the path and its permissions"
    case .isFolder(let path, let holdsModel):
      "\(named(path)) is a folder, not a safetensors file; "
        + (holdsModel ? "did you mean \(path)/model.safetensors?" : "name the file in it")
    case .tooShort(let file, let byteCount):
      "\(named(file)) is not a safetensors file: it has \(byteCount) bytes and a header's length alone takes 8; "
        + "copy or write it again"
    case .headerBeyondFile(let file, let length, let byteCount) where length > Self.longestHeader:
      "\(named(file)) is not a safetensors file: its first 8 of \(byteCount) bytes are not the length of a header; "
        + "name a file of tensors, or copy or write it again"
    case .headerBeyondFile(let file, let length, let byteCount):
      "\(named(file)) is cut off or not a safetensors file: its header should be \(length) bytes long and the file "
        + "has \(byteCount) in all; copy or write it again"
    case .badHeader(let file, let offset, let reason):
      "\(named(file)) has a damaged header: \(reason), at byte \(offset) of the header; write the file again"
    case .duplicateName(let file, let tensor):
      "\(named(file)) holds the name '\(tensor)' twice; give each tensor a name of its own"
    case .reservedName(let file, let tensor):
      "\(named(file)) cannot hold a tensor named '\(tensor)': the format keeps that name; choose another"
    case .unknownType(let file, let tensor, let dtype):
      "\(named(file)): tensor '\(tensor)' has the unknown type '\(dtype)'; save it as F32 or I64"
    case .badShape(let file, let tensor, let shape):
      "\(named(file)): tensor '\(tensor)' has the impossible shape \(shape); write the file again"
    case .badOffsets(let file, let tensor, let begin, let end, let reason):
      "\(named(file)): the bytes \(begin)..<\(end) of tensor '\(tensor)' \(reason); copy or write the file again"
    case .sizeMismatch(let file, let tensor, let shape, let expected, let found):
      "\(named(file)): tensor '\(tensor)' of shape \(shape) takes \(expected) bytes and has \(found); "
        + "write it again with the right shape"
    case .trailingBytes(let file, let count):
      "\(named(file)) has \(count) bytes after its last tensor; copy or write it again"
    case .checksumMismatch(let file):
      "\(named(file)) is damaged: its content does not match the checksum in it; copy or write it again (or, if it was "
        + "changed on purpose, remove \(ContentChecksum.key) from its metadata)"
    case .missingTensor(let file, let tensor, let available):
      "\(named(file)) has no tensor '\(tensor)'; it has \(Self.list(available))"
    case .wrongShape(let file, let tensor, let expected, let found):
      "\(named(file)): tensor '\(tensor)' has the shape \(found) where \(expected) is expected; "
        + "check that file and configuration belong together"
    case .wrongType(let file, let tensor, let dtype, let wanted):
      "\(named(file)): tensor '\(tensor)' has the type \(dtype.rawValue) and cannot be read as \(wanted); "
        + "save it as \(wanted == "integers" ? "I64" : "F32")"
    case .integerTooLarge(let file, let tensor, let index):
      "\(named(file)): element \(index) of tensor '\(tensor)' is above \(Int.max); save smaller integers"
    case .nonFinite(let file, let tensor, let index):
      "\(named(file)): element \(index) of tensor '\(tensor)' is not finite; "
        + "the model it comes from has diverged or is damaged"
    }
  }

  /// The longest header, in bytes, that the format allows. A larger value means that the file is not a
  /// safetensors file, for example a text.
  private static let longestHeader: UInt64 = 100_000_000

  private func named(_ file: String?) -> String {
    file.map { "'\($0)'" } ?? "the new file"
  }

  /// The first eight names at most, so that a message fits on a terminal.
  private static func list(_ names: [String]) -> String {
    if names.isEmpty { return "none" }
    let shown = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
  }
}
