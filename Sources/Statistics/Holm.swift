/// p-values corrected for their number by Holm's method: the probability that even one true null hypothesis has a corrected p
/// of at most α is at most α, however the tests depend on each other.
///
/// Source: S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979).
///
/// ```swift
/// holm([0.01, 0.04, 0.03])   // 0.03, 0.06, 0.06
/// ```
///
/// - Returns: one for each p, in the same order; at least as large, and at most 1.
package func holm(_ pValues: [Double]) -> [Double] {
  let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
  var corrected = pValues
  var largest = 0.0
  for (rank, index) in order.enumerated() {
    largest = max(largest, min(1, Double(pValues.count - rank) * pValues[index]))
    corrected[index] = largest
  }
  return corrected
}
