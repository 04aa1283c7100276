/// Where the keys and values of an attention lie, if sequences share rows: for each key of its layout, the row of the matrices of
/// keys and values. Immutable.
///
/// The rows are checked when operations are, so that no device needs to check them again.
package final class KeyRows: Sendable {
  package let rows: [Int32]
  /// One past the last row.
  package let extent: Int
  package let formKey = FormKey()

  /// - Throws: `ComputeError.invalid` for a negative row.
  package init(_ rows: [Int32]) throws {
    if let row = rows.first(where: { $0 < 0 }) {
      throw ComputeError.invalid("key rows", "a key can't lie in row \(row)")
    }
    self.rows = rows
    extent = Int(rows.max() ?? -1) + 1
  }
}

extension Optional<KeyRows> {
  /// The number of rows that the matrices of keys and values must have.
  ///
  /// - Throws: `ComputeError.invalid` if the layout has more keys than there are rows for.
  func extent(for layout: AttentionLayout, in operation: String) throws -> Int {
    guard let keyRows = self else { return layout.keyExtent }
    guard keyRows.rows.count >= layout.keyExtent else {
      throw ComputeError.invalid(
        operation, "\(keyRows.rows.count) rows of keys, but the layout has \(layout.keyExtent) keys")
    }
    return keyRows.extent
  }
}
