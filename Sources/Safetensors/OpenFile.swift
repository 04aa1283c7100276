import Foundation

/// A regular file held open, so that any of its bytes can be read when they are asked for.
///
/// Not mapped into memory: a file that shrinks under a mapping ends the program.
final class OpenFile: Sendable {
  let path: String
  let byteCount: Int
  private let descriptor: Int32

  /// Takes over an open descriptor of a file of this size.
  init(path: String, byteCount: Int, descriptor: Int32) {
    self.path = path
    self.byteCount = byteCount
    self.descriptor = descriptor
  }

  deinit { _ = close(descriptor) }

  /// Fills `buffer` with the file's bytes from `offset` on.
  ///
  /// - Throws: `SafetensorsError.unreadable`, also where the file has become shorter.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SafetensorsError) {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      // Linux reads at most 2³¹ − 4096 bytes a call.
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
