/// A device that can show what its hardware gives at best: the two roofs every timing is held against.
package protocol RoofMeasurable: DeviceMemory {
  /// How many ways there are to run multiply-adds; the fastest is the roof.
  var multiplyAddForms: Int { get }

  /// Queues `rounds` rounds of independent chains of multiply-adds that never leave the registers, on every
  /// core.
  ///
  /// - Returns: the multiplications and additions queued.
  func multiplyAdds(rounds: Int, form: Int) throws -> Double

  /// Queues `output[i] = left[i] + scale·right[i]` for all elements of three buffers of one length: the triad
  /// of J. D. McCalpin's STREAM, which moves 12 bytes an element.
  func triad(left: any Buffer, right: any Buffer, scale: Float, output: any Buffer) throws
}
