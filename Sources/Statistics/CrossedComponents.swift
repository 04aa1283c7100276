/// The variance components of a value that was measured once for every row (a seed of the data) in every column (a seed of the initial
/// parameters): how much of its variance rows make, columns make, and what is left, which holds both together and every error of
/// measurement.
///
/// The components are estimated from the mean squares of the two-way analysis of variance with both effects random; estimates below 0
/// are set to 0. Their standard errors come from leaving out each row and each column in turn (the delete-one jackknife along both, whose
/// variances are added up).
///
/// Source: S. R. Searle, G. Casella, C. E. McCulloch, "Variance Components" (1992), chapter 4; A. B. Owen, "The pigeonhole bootstrap",
/// Annals of Applied Statistics 1 (2007), on adding up the variances of two crossed random factors.
package struct CrossedComponents: Equatable, Sendable {
  /// Rows, columns, the rest: variances.
  package var parts: [Double]
  /// The standard error of each part's share of the sum; nil where a part of the table says nothing about the shares.
  package var shareErrors: [Double]?

  package var total: Double { parts.reduce(0, +) }
  /// Each part's share of the sum; nil if nothing varies.
  package var shares: [Double]? { Self.shares(parts) }

  /// - Parameter values: [rows][columns], at least three of each.
  /// - Returns: nil for fewer of either.
  /// - Throws: `StatisticsError.unequalCounts` for a table with holes, `.notANumber` for values that are not finite.
  package init?(_ values: [[Double]]) throws(StatisticsError) {
    let (rows, columns) = (values.count, values.first?.count ?? 0)
    for row in values where row.count != columns { throw .unequalCounts(row.count, columns) }
    try requireFinite(values.flatMap(\.self))
    guard rows >= 3, columns >= 3 else { return nil }
    parts = Self.components(values)
    let withoutRow = (0..<rows).map { left in
      Self.shares(Self.components(values.enumerated().filter { $0.offset != left }.map(\.element)))
    }
    let withoutColumn = (0..<columns).map { left in
      Self.shares(
        Self.components(values.map { row in row.enumerated().filter { $0.offset != left }.map(\.element) }))
    }
    let (ofRows, ofColumns) = (withoutRow.compactMap(\.self), withoutColumn.compactMap(\.self))
    guard ofRows.count == rows, ofColumns.count == columns else { return }
    shareErrors = parts.indices.map { part in
      (jackknifeVariance(ofRows.map { $0[part] }) + jackknifeVariance(ofColumns.map { $0[part] }))
        .squareRoot()
    }
  }

  /// - Parameter values: at least two rows and two columns.
  private static func components(_ values: [[Double]]) -> [Double] {
    let (n, m) = (Double(values.count), Double(values[0].count))
    let rowMeans = values.map { $0.reduce(0, +) / m }
    let columnMeans = values[0].indices.map { column in values.reduce(0) { $0 + $1[column] } / n }
    let grand = rowMeans.reduce(0, +) / n
    func sum(_ deviations: [Double]) -> Double { deviations.reduce(0) { $0 + $1 * $1 } }
    let ofRows = m * sum(rowMeans.map { $0 - grand }) / (n - 1)
    let ofColumns = n * sum(columnMeans.map { $0 - grand }) / (m - 1)
    let residuals = values.indices.flatMap { row in
      values[row].indices.map { values[row][$0] - rowMeans[row] - columnMeans[$0] + grand }
    }
    let rest = sum(residuals) / ((n - 1) * (m - 1))
    return [max(0, (ofRows - rest) / m), max(0, (ofColumns - rest) / n), rest]
  }

  private static func shares(_ parts: [Double]) -> [Double]? {
    let total = parts.reduce(0, +)
    return total > 0 ? parts.map { $0 / total } : nil
  }
}

/// The jackknife's variance from the values without each item in turn: (n − 1)/n · Σ(x − x̄)², which is (n − 1)² times the squared standard
/// error of the mean.
func jackknifeVariance(_ values: [Double]) -> Double {
  let error = Double(values.count - 1) * (standardErrorOfMean(values) ?? 0)
  return error * error
}
