/// `output = input`: numbers in half precision as single-precision numbers, which is exact.
package struct Widen {
  package static let name = "widen"

  package var input: HalfMatrix
  /// [count, columns of the input]
  package var output: Matrix
  package var count: Int

  package init(input: HalfMatrix, output: Matrix, count: Int) {
    self.input = input
    self.output = output
    self.count = count
  }

  package func validate() throws {
    try input.check("input", rows: count, in: Self.name)
    try output.check("output", rows: count, columns: input.columns, in: Self.name)
  }
}

extension Widen: DeviceOperation {
  package func run(on device: any Device) throws { try device.widen(self) }
}

extension ForwardingDevice {
  package func widen(_ operation: Widen) throws { try perform(operation) }
}
