/// A buffer whose elements lie in the host's memory, so that they can be made there without an array between.
package protocol HostBuffer: Buffer {
  /// Passes the memory of all elements, 4 bytes each, for reading and writing.
  ///
  /// - Parameter body: must not keep the pointer, nor queue operations that use the buffer.
  /// - Throws: what `body` throws.
  func withMemory<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result
}
