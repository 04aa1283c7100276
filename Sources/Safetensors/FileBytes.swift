import Foundation

/// The bytes of a file: on disk if the file can be read at any position, otherwise in memory.
enum FileBytes: Sendable {
  case memory(Data)
  case disk(OpenFile)

  /// Opens the file at `path`. Pipes and devices are read to their end.
  ///
  /// - Throws: `SafetensorsError.unreadable`.
  init(path: String) throws(SafetensorsError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .unreadable(
        file: path, reason: errno == ENOENT ? "there is no such file" : systemReason(errno))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = systemReason(errno)
      _ = close(descriptor)
      throw .unreadable(file: path, reason: reason)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      self = .disk(OpenFile(path: path, byteCount: Int(status.st_size), descriptor: descriptor))
    case S_IFDIR:
      _ = close(descriptor)
      throw .isFolder(
        path: path, holdsModel: FileManager.default.fileExists(atPath: path + "/model.safetensors"))
    default:
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      do {
        self = .memory(try handle.readToEnd() ?? Data())
      } catch {
        throw .unreadable(file: path, reason: "reading it failed")
      }
    }
  }

  var count: Int {
    switch self {
    case .memory(let data): data.count
    case .disk(let file): file.byteCount
    }
  }

  /// - Parameter range: within `0..<count`.
  func read(_ range: Range<Int>) throws(SafetensorsError) -> Data {
    switch self {
    case .memory(let data):
      data[(data.startIndex + range.lowerBound)..<(data.startIndex + range.upperBound)]
    case .disk(let file): try file.read(range)
    }
  }

  /// Fills a buffer with some of the bytes.
  ///
  /// - Parameter range: within `0..<count`, and as long as the buffer.
  /// - Throws: `SafetensorsError.unreadable`.
  func read(_ range: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(SafetensorsError) {
    switch self {
    case .memory(let data):
      data.copyBytes(
        to: buffer, from: data.startIndex + range.lowerBound..<data.startIndex + range.upperBound)
    case .disk(let file): try file.read(at: range.lowerBound, into: buffer)
    }
  }
}

/// A range of a file's bytes.
struct ByteRange: Sendable {
  var file: FileBytes
  var range: Range<Int>

  init(_ data: Data) {
    file = .memory(data)
    range = 0..<data.count
  }

  init(of file: FileBytes, _ range: Range<Int>) {
    self.file = file
    self.range = range
  }

  var count: Int { range.count }

  func read() throws(SafetensorsError) -> Data { try file.read(range) }

  /// - Parameter part: within `0..<count`.
  func read(_ part: Range<Int>) throws(SafetensorsError) -> Data {
    try file.read(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// Fills a buffer with some of the bytes.
  ///
  /// - Parameter part: within `0..<count`, and as long as the buffer.
  /// - Throws: `SafetensorsError.unreadable`.
  func read(_ part: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(SafetensorsError) {
    try file.read(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound, into: buffer)
  }

  /// The number of bytes read at once: large enough to be fast, and small enough for a core's cache to hold them with the
  /// numbers that are made of them. It is a multiple of the size of every element type.
  static let pieceSize = 1 << 19

  /// The ranges of the file's bytes that are read one after the other.
  var pieces: [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceSize)
      .map { $0..<min(range.upperBound, $0 + Self.pieceSize) }
  }

  /// Passes the bytes to `body` in order, one piece at a time, with the position in the range at which the
  /// piece begins.
  func forEachPiece(_ body: (Int, Data) throws(SafetensorsError) -> Void) throws(SafetensorsError) {
    for piece in pieces { try body(piece.lowerBound - range.lowerBound, file.read(piece)) }
  }
}
