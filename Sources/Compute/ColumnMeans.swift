/// `output[g, c] = mean over the rows of group g of input[row, c]`; g counts ``RowGroups/groups``.
public struct ColumnMeans {
  public static let name = "column_means"

  public var input: Matrix
  /// [groups, columns]
  public var output: Matrix
  /// No group may be empty.
  public var rows: RowGroups

  public init(input: Matrix, output: Matrix, rows: RowGroups) {
    self.input = input
    self.output = output
    self.rows = rows
  }

  public func validate() throws {
    try input.check("input", rows: rows.extent, in: Self.name)
    try output.check("output", rows: rows.groups.count, columns: input.columns, in: Self.name)
    guard rows.groups.allSatisfy({ $0.count > 0 }) else {
      throw ComputeError.invalid(Self.name, "the mean over an empty group is not defined")
    }
  }
}

public protocol ColumnMeansOperation {
  func columnMeans(_ operation: ColumnMeans) throws
}
