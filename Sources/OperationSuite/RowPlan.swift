import Compute

/// The row groups of a case, as a value.
struct RowPlan: Sendable, CustomStringConvertible {
  let groups: [RowGroup]

  /// All rows `0..<count` of one model.
  static func rows(_ count: Int) -> RowPlan { RowPlan(groups: [RowGroup(firstRow: 0, count: count)]) }

  /// Models one after another, without gaps.
  static func ensemble(_ counts: [Int]) -> RowPlan {
    var groups: [RowGroup] = []
    for (model, count) in counts.enumerated() {
      let end = groups.last.map { $0.firstRow + $0.count } ?? 0
      groups.append(RowGroup(model: model, firstRow: end, count: count))
    }
    return RowPlan(groups: groups)
  }

  /// No groups, as after every model has finished.
  static let none = RowPlan(groups: [])

  /// Four models of the study at full batch.
  static let benchmarkEnsemble = ensemble([Int](repeating: 1024, count: 4))

  /// Three models of very different sizes; the last has a single row.
  static let ragged = ensemble([7, 93, 1])

  /// Three models, the first with several chunks of rows.
  static let tall = ensemble([530, 1, 300])

  /// Models out of order, one without rows, one with two lanes, and rows that belong to no model.
  static let holed = RowPlan(groups: [
    RowGroup(model: 2, firstRow: 3, count: 16),
    RowGroup(model: 0, firstRow: 19, count: 0),
    RowGroup(model: 1, lane: 0, firstRow: 21, count: 20),
    RowGroup(model: 1, lane: 1, firstRow: 41, count: 13),
  ])

  /// The number of models that have parameters, with or without rows.
  var models: Int { (groups.map(\.model).max() ?? 0) + 1 }
  var extent: Int { groups.last.map { $0.firstRow + $0.count } ?? 0 }
  var rows: [Int] { groups.flatMap { Array($0.firstRow..<$0.firstRow + $0.count) } }
  var rowCount: Int { groups.reduce(0) { $0 + $1.count } }

  /// The number of rows of a model.
  func rowCount(of model: Int) -> Int { groups.reduce(0) { $0 + ($1.model == model ? $1.count : 0) } }

  var modelsWithRows: [Int] { (0..<models).filter { rowCount(of: $0) > 0 } }

  /// The largest number of rows of a model: the number of terms in its sums over rows.
  var longestSum: Int { (0..<models).map(rowCount(of:)).max() ?? 0 }

  func make() throws -> RowGroups { try RowGroups(groups) }

  var description: String {
    let counts = groups.map { "\($0.count)" }.joined(separator: "+")
    let gaps = rowCount < extent ? " with gaps" : ""
    if groups.isEmpty { return "no rows" }
    return models == 1 ? "rows \(counts)\(gaps)" : "models \(models), rows \(counts)\(gaps)"
  }
}
