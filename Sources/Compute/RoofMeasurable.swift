/// A device that can measure the two roofs of its hardware, with which all timings are compared.
package protocol RoofMeasurable: DeviceMemory {
  /// The number of ways to run multiply-adds; the fastest is the roof.
  var multiplyAddForms: Int { get }

  /// Queues `rounds` rounds of independent chains of multiply-adds that stay in registers, on every core.
  ///
  /// - Returns: the number of multiplications and additions queued.
  func multiplyAdds(rounds: Int, form: Int) throws -> Double

  /// Queues `output[i] = left[i] + scale·right[i]` for all elements of three buffers of equal length: the
  /// triad of J. D. McCalpin's STREAM, which moves 12 bytes per element.
  func triad(left: any Buffer, right: any Buffer, scale: Float, output: any Buffer) throws
}
