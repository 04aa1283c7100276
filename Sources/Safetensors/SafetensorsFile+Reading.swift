import Foundation

/// Reading: every length, offset, type and shape is checked before it is used, so no input can crash the
/// program.
extension SafetensorsFile {
  /// Opens the file at `url` and reads its header. The file stays open and must not change while its tensors
  /// are read. A pipe, which can be read only once, is read into memory as a whole.
  ///
  /// - Throws: `SafetensorsError.unreadable` or `isFolder`, and what `init(data:path:)` throws.
  package init(contentsOf url: URL) throws(SafetensorsError) {
    try self.init(FileBytes(path: url.path), path: url.path)
  }

  /// Reads a file from its bytes. `path` is used in messages.
  ///
  /// - Throws: `SafetensorsError`: `tooShort`, `headerBeyondFile`, `badHeader`, `duplicateName`, `badShape`,
  ///   `badOffsets`, `sizeMismatch` or `trailingBytes`.
  package init(data: Data, path: String? = nil) throws(SafetensorsError) {
    try self.init(.memory(data), path: path)
  }

  private init(_ file: FileBytes, path: String?) throws(SafetensorsError) {
    guard file.count >= 8 else { throw .tooShort(file: path, byteCount: file.count) }
    let length = try file.read(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(file.count - 8) else {
      throw .headerBeyondFile(file: path, headerLength: length, byteCount: file.count)
    }
    let begin = 8 + Int(length)
    let header: Header
    do {
      header = try HeaderParser.parse([UInt8](file.read(8..<begin)))
    } catch let error as HeaderError {
      switch error {
      case .syntax(let offset, let reason): throw .badHeader(file: path, offset: offset, reason: reason)
      case .duplicate(let name): throw .duplicateName(file: path, tensor: name)
      }
    } catch let error as SafetensorsError {
      throw error
    } catch {
      throw .unreadable(file: path, reason: "\(error)")
    }
    let tensors = try Self.tensors(of: header.entries, in: file, from: begin, path: path)
    try self.init(path: path, metadata: header.metadata, tensors: tensors)
  }

  /// - Parameter start: the position in the file at which the offsets begin.
  private static func tensors(
    of entries: [Header.Entry], in file: FileBytes, from start: Int, path: String?
  ) throws(SafetensorsError) -> [SafetensorsTensor] {
    var tensors: [SafetensorsTensor] = []
    tensors.reserveCapacity(entries.count)
    let byteCount = file.count - start
    var end = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      try checkOffsets(entry, from: end, byteCount: byteCount, path: path)
      try checkSize(entry, path: path)
      tensors.append(
        SafetensorsTensor(
          checkedName: entry.name, typeName: entry.dtype, shape: entry.shape,
          bytes: ByteRange(of: file, (start + entry.begin)..<(start + entry.end))))
      end = entry.end
    }
    guard end == byteCount else { throw .trailingBytes(file: path, count: byteCount - end) }
    return tensors
  }

  /// Checks that the size of an entry agrees with its type and shape. The size of an unknown type cannot be
  /// checked; reading such a tensor throws later.
  private static func checkSize(_ entry: Header.Entry, path: String?) throws(SafetensorsError) {
    guard SafetensorsTensor.elementCount(of: entry.shape) != nil else {
      throw .badShape(file: path, tensor: entry.name, shape: entry.shape)
    }
    guard let dtype = SafetensorsType(rawValue: entry.dtype) else { return }
    guard let expected = SafetensorsTensor.byteCount(of: entry.shape, dtype: dtype) else {
      throw .badShape(file: path, tensor: entry.name, shape: entry.shape)
    }
    let found = entry.end - entry.begin
    guard found == expected else {
      throw .sizeMismatch(
        file: path, tensor: entry.name, shape: entry.shape, expected: expected, found: found)
    }
  }

  /// Checks the offsets of an entry against the end of the previous entry and the end of the file.
  private static func checkOffsets(
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
