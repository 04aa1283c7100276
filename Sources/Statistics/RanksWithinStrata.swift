/// Ranks within strata, counted from their mean there and scaled to length 1: the products of two such vectors are the correlation of ranks within
/// strata, over all strata together.
///
/// - Parameter strata: the stratum of each value.
/// - Returns: nil if no stratum has two different values.
/// - Throws: `StatisticsError.unequalCounts`, `.notANumber` for NaN.
package func normalisedRanks(_ values: [Double], within strata: [Int]) throws(StatisticsError) -> [Double]? {
  guard values.count == strata.count else { throw .unequalCounts(values.count, strata.count) }
  var ranks = values
  for stratum in Set(strata) {
    let places = strata.indices.filter { strata[$0] == stratum }
    let found = try averageRanks(places.map { values[$0] })
    for (place, rank) in zip(places, found) { ranks[place] = rank - Double(places.count + 1) / 2 }
  }
  let size = ranks.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return size > 0 ? ranks.map { $0 / size } : nil
}
