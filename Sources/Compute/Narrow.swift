/// `output = input`: single-precision numbers in half precision, rounded to nearest, ties to even. What is larger than any
/// number of the format becomes infinite.
package struct Narrow {
  package static let name = "narrow"

  package var input: Matrix
  /// [count, columns of the input]. Numbers between its rows stay.
  package var output: HalfMatrix
  package var count: Int

  package init(input: Matrix, output: HalfMatrix, count: Int) {
    self.input = input
    self.output = output
    self.count = count
  }

  package func validate() throws {
    try input.check("input", rows: count, columns: output.columns, in: Self.name)
    try output.check("output", rows: count, in: Self.name)
  }
}

extension Narrow: DeviceOperation {
  package func run(on device: any Device) throws { try device.narrow(self) }
}

extension ForwardingDevice {
  package func narrow(_ operation: Narrow) throws { try perform(operation) }
}
