/// The smallest count for which a condition holds that holds for all larger ones; nil if it does not hold for `most`.
func smallestCount(from fewest: Int, through most: Int, where isEnough: (Int) -> Bool) -> Int? {
  var (tooFew, enough) = (fewest - 1, fewest)
  while !isEnough(enough) {
    guard enough < most else { return nil }
    (tooFew, enough) = (enough, min(2 * enough, most))
  }
  while enough - tooFew > 1 {
    let middle = (tooFew + enough) / 2
    if isEnough(middle) { enough = middle } else { tooFew = middle }
  }
  return enough
}
