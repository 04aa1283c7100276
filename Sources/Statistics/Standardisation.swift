/// Shifts features to mean 0 and scales them to standard deviation 1 (dividing by n), using the moments of
/// the training rows. A constant feature becomes 0.
struct Standardisation: Equatable, Sendable {
  private let means: [Double]
  private let scales: [Double]

  /// - Parameter rows: [row][feature], at least one row.
  init(_ rows: [[Double]]) {
    let columns = (rows.first ?? []).indices.map { feature in rows.map { $0[feature] } }
    means = columns.map { mean($0) ?? 0 }
    scales = columns.map { column in
      let isConstant = !column.contains { $0 != column[0] }
      let deviation = standardDeviation(column, ddof: 0) ?? 0
      return isConstant || deviation == 0 ? 0 : 1 / deviation
    }
  }

  func callAsFunction(_ row: [Double]) -> [Double] {
    row.indices.map { (row[$0] - means[$0]) * scales[$0] }
  }
}
