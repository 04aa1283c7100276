/// Consecutive rows that belong to one model and one lane. Lanes separate interventions.
package struct RowGroup: Equatable, Sendable {
  package var model: Int
  package var lane: Int
  package var firstRow: Int
  package var count: Int

  package init(model: Int = 0, lane: Int = 0, firstRow: Int, count: Int) {
    self.model = model
    self.lane = lane
    self.firstRow = firstRow
    self.count = count
  }
}

/// The rows an operation works on, by model. Immutable, so a device may keep its own form of it
/// (``FormCache``).
package final class RowGroups: Sendable {
  /// The groups in row order. Rows between groups are not touched by an operation.
  package let groups: [RowGroup]
  /// The rows of each model as one group: neighbouring groups of a model are merged.
  package let models: [RowGroup]
  /// One past the last row.
  package let extent: Int
  /// The number of rows in all groups.
  package let rowCount: Int
  /// One past the highest model number.
  package let modelExtent: Int
  package let formKey = FormKey()

  /// - Throws: `ComputeError` if groups overlap or are negative, or if the rows of a model are not
  ///   consecutive.
  package init(_ groups: [RowGroup]) throws {
    var end = 0
    var merged: [RowGroup] = []
    var seen = Set<Int>()
    for group in groups {
      // One past the highest model and one past the last row must fit into an integer too.
      guard group.model >= 0, group.model < .max, group.lane >= 0, group.count >= 0, group.firstRow >= end,
        group.count <= Int.max - group.firstRow
      else {
        throw ComputeError.invalid("row groups", "groups must be in row order and not overlap")
      }
      end = group.firstRow + group.count
      if group.count == 0 { continue }
      if let last = merged.last, last.model == group.model, last.firstRow + last.count == group.firstRow {
        merged[merged.count - 1].count += group.count
      } else {
        guard seen.insert(group.model).inserted else {
          throw ComputeError.invalid("row groups", "the rows of model \(group.model) are not one span")
        }
        merged.append(RowGroup(model: group.model, firstRow: group.firstRow, count: group.count))
      }
    }
    self.groups = groups
    models = merged
    extent = end
    rowCount = groups.reduce(0) { $0 + $1.count }
    modelExtent = (merged.map(\.model).max() ?? -1) + 1
  }

  /// All rows `0..<count` of one model.
  package convenience init(rows count: Int) throws {
    try self.init([RowGroup(firstRow: 0, count: count)])
  }
}
