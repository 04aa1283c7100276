import Foundation

/// A regular file that stays open, so that any of its bytes can be read later.
///
/// The file is not mapped into memory, because a mapped file that becomes shorter ends the program with a
/// signal.
final class OpenFile: Sendable {
  let path: String
  let byteCount: Int
  private let descriptor: Int32

  /// Takes ownership of an open descriptor of a file with this size.
  init(path: String, byteCount: Int, descriptor: Int32) {
    self.path = path
    self.byteCount = byteCount
    self.descriptor = descriptor
  }

  deinit { _ = close(descriptor) }

  /// Fills `buffer` with the bytes that begin at `offset`.
  ///
  /// - Throws: `SafetensorsError.unreadable`, also if the file has become shorter.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SafetensorsError) {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      // Linux reads at most 2³¹ − 4096 bytes in one call.
      let count = pread(descriptor, rest.baseAddress, min(rest.count, 1 << 30), off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        throw .unreadable(file: path, reason: "it has become shorter while it was read")
      } else if errno != EINTR {
        throw .unreadable(file: path, reason: systemReason(errno))
      }
    }
  }

  func read(_ range: Range<Int>) throws(SafetensorsError) -> Data {
    var data = Data(count: range.count)
    // `withUnsafeMutableBytes` can't rethrow a typed error.
    let result = data.withUnsafeMutableBytes { buffer in
      Result { () throws(SafetensorsError) in try read(at: range.lowerBound, into: buffer) }
    }
    try result.get()
    return data
  }
}

/// The system's words for an error number, in lower case.
func systemReason(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
