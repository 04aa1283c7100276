/// The ranks of `values`, 1 for the smallest. Equal values share the average of their ranks, as in scipy's
/// `rankdata`. Infinities rank first or last.
///
/// - Parameter values: n values in any order.
/// - Returns: n ranks in the order of `values`.
/// - Throws: `StatisticsError.notANumber` for a NaN, which has no rank.
package func averageRanks(_ values: [Double]) throws(StatisticsError) -> [Double] {
  if let index = values.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = Array(repeating: 0.0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    // The average of the places start + 1 ... end, counted from 1.
    let rank = Double(start + 1 + end) / 2
    for place in start..<end { ranks[order[place]] = rank }
    start = end
  }
  return ranks
}
