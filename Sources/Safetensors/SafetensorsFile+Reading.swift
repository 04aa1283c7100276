import Foundation

/// Reading: every length, offset, type and shape is checked before it is used, so no input can trap.
extension SafetensorsFile {
  /// Reads the file at `url`.
  ///
  /// - Throws: `SafetensorsError.unreadable`, and what `init(data:path:)` throws.
  package init(contentsOf url: URL) throws(SafetensorsError) {
    let data: Data
    do {
      // Not mapped: a file that shrinks under a mapping ends the program.
      data = try Data(contentsOf: url)
    } catch {
      let reason =
        FileManager.default.fileExists(atPath: url.path)
        ? "it cannot be read as a file" : "there is no such file"
      throw .unreadable(file: url.path, reason: reason)
    }
    try self.init(data: data, path: url.path)
  }

  /// Reads the bytes of a file; `path` is for messages.
  ///
  /// - Throws: `SafetensorsError`: `tooShort`, `headerBeyondFile`, `badHeader`, `duplicateName`, `unknownType`,
  ///   `badShape`, `badOffsets`, `sizeMismatch` or `trailingBytes`.
  package init(data: Data, path: String? = nil) throws(SafetensorsError) {
    guard data.count >= 8 else { throw .tooShort(file: path, byteCount: data.count) }
    let length = littleEndianWords(data.prefix(8), size: 8)[0]
    guard length <= UInt64(data.count - 8) else {
      throw .headerBeyondFile(file: path, headerLength: length, byteCount: data.count)
    }
    let content = data.dropFirst(8)
    let header: Header
    do {
      header = try HeaderParser.parse([UInt8](content.prefix(Int(length))))
    } catch {
      switch error {
      case .syntax(let offset, let reason): throw .badHeader(file: path, offset: offset, reason: reason)
      case .duplicate(let name): throw .duplicateName(file: path, tensor: name)
      }
    }
    let tensors = try Self.tensors(of: header.entries, in: content.dropFirst(Int(length)), path: path)
    try self.init(path: path, metadata: header.metadata, tensors: tensors)
  }

  private static func tensors(
    of entries: [Header.Entry], in bytes: Data, path: String?
  ) throws(SafetensorsError) -> [SafetensorsTensor] {
    var tensors: [SafetensorsTensor] = []
    tensors.reserveCapacity(entries.count)
    var end = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      try check(entry, from: end, byteCount: bytes.count, path: path)
      guard let dtype = SafetensorsType(rawValue: entry.dtype) else {
        throw .unknownType(file: path, tensor: entry.name, dtype: entry.dtype)
      }
      guard let expected = SafetensorsTensor.byteCount(of: entry.shape, dtype: dtype) else {
        throw .badShape(file: path, tensor: entry.name, shape: entry.shape)
      }
      let found = entry.end - entry.begin
      guard found == expected else {
        throw .sizeMismatch(
          file: path, tensor: entry.name, shape: entry.shape, expected: expected, found: found)
      }
      let start = bytes.startIndex + entry.begin
      tensors.append(
        SafetensorsTensor(
          checkedName: entry.name, dtype: dtype, shape: entry.shape, data: bytes[start..<(start + found)]))
      end = entry.end
    }
    guard end == bytes.count else { throw .trailingBytes(file: path, count: bytes.count - end) }
    return tensors
  }

  /// Checks an entry's offsets against the end of the entry before it and the end of the file.
  private static func check(
    _ entry: Header.Entry, from expectedBegin: Int, byteCount: Int, path: String?
  ) throws(SafetensorsError) {
    let reason: String
    if entry.begin < 0 || entry.end < entry.begin {
      reason = "run backwards or begin before the data"
    } else if entry.end > byteCount {
      reason = "run beyond the \(byteCount) bytes of data"
    } else if entry.begin < expectedBegin {
      reason = "overlap the tensor before, which ends at \(expectedBegin)"
    } else if entry.begin > expectedBegin {
      reason = "leave a hole after \(expectedBegin)"
    } else {
      return
    }
    throw .badOffsets(
      file: path, tensor: entry.name, begin: entry.begin, end: entry.end, reason: reason)
  }
}
