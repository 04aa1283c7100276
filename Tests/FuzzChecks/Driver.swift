import Foundation

/// Examines what libFuzzer gives. A finding ends the program, as a crash does.
///
/// - Returns: 0, as libFuzzer expects.
package func examineOrEnd(
  _ bytes: UnsafePointer<UInt8>?, _ count: Int, _ examine: (Data) throws -> Void
) -> CInt {
  do {
    try examine(Data(UnsafeBufferPointer(start: bytes, count: count)))
  } catch {
    FileHandle.standardError.write(Data("FINDING: \(error)\n".utf8))
    abort()
  }
  return 0
}
