/// `output = factor · input`, row by row.
package struct Scale {
  package static let name = "scale"

  package var input: Matrix
  package var factor: Double
  /// May be the input itself.
  package var output: Matrix
  package var count: Int

  package init(input: Matrix, factor: Double, output: Matrix, count: Int) {
    self.input = input
    self.factor = factor
    self.output = output
    self.count = count
  }

  package func validate() throws {
    try input.check("input", rows: count, in: Self.name)
    try output.check("output", rows: count, columns: input.columns, in: Self.name)
  }
}

extension Scale: DeviceOperation {
  package func run(on device: any Device) throws { try device.scale(self) }
}

extension ForwardingDevice {
  package func scale(_ operation: Scale) throws { try perform(operation) }
}
