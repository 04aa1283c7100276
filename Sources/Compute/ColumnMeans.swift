/// `output[g, c] = mean over the rows of group g of input[row, c]`, where g is an index of
/// ``RowGroups/groups``.
///
/// The sum is compensated (Kahan 1965) or as accurate as a compensated one: its error is a few roundings,
/// however many rows the group has. A mean over a whole data set must not lose digits.
package struct ColumnMeans {
  package static let name = "column_means"

  package var input: Matrix
  /// [groups, columns]
  package var output: Matrix
  /// No group may be empty.
  package var rows: RowGroups

  package init(input: Matrix, output: Matrix, rows: RowGroups) {
    self.input = input
    self.output = output
    self.rows = rows
  }

  package func validate() throws {
    try input.check("input", rows: rows.extent, in: Self.name)
    try output.check("output", rows: rows.groups.count, columns: input.columns, in: Self.name)
    guard rows.groups.allSatisfy({ $0.count > 0 }) else {
      throw ComputeError.invalid(Self.name, "the mean over an empty group is not defined")
    }
  }
}

extension ColumnMeans: DeviceOperation {
  package func run(on device: any Device) throws { try device.columnMeans(self) }
}

extension ForwardingDevice {
  package func columnMeans(_ operation: ColumnMeans) throws { try perform(operation) }
}
