// Attention in which a query sees only the last keys up to its own position. Positions ascend, so of several queries the
// first one sees the least key, and the last one the greatest.
//
// Most functions are not inlined, and take vectors in memory, so that attention without a window stays small.

/// The first of the keys that one of several queries sees, rounded down to a multiple of four; 0 without a window.
///
/// - Parameter position: that of the first query.
@inline(always)
func leastSeen(_ position: Int32, _ window: Int) -> Int {
  window > 0 ? max(0, Int(position) + 1 - window) & ~3 : 0
}

/// Overwrites the products [keys, 16] of the keys that lie before each query's window.
///
/// - Parameters:
///   - first: the first key that has products.
///   - lastKeys: the position of each query.
@inline(never)
func hideKeys(
  _ products: UnsafeMutablePointer<Float>, _ first: Int, _ keys: Int, _ lastKeys: inout SIMD16<Int32>,
  _ window: Int, _ filler: Float
) {
  let filler = bits(Vector(repeating: filler))
  for key in first..<keys {
    // All bits are set in the lanes of queries whose window begins after the key.
    let isHidden = (Int32(truncatingIfNeeded: key + window - 1) &- lastKeys) &>> 31
    let at = products + key * vectorWidth
    store(vector((bits(load(at)) & ~isHidden) | (filler & isHidden)), at)
  }
}

/// As ``sumSeen(_:_:_:_:_:_:)``, over the keys in each query's window. `sums` are overwritten.
@inline(never)
func sumInWindow(
  _ sums: inout FourVectors, _ weights: FourRows, _ rows: UnsafePointer<Float>, _ stride: Int,
  _ positions: UnsafePointer<Int32>, _ count: Int, _ window: Int
) {
  let last = Int(positions[count - 1])
  // The keys that all queries see, if there are any.
  let (firstOfAll, lastOfAll) = (last + 1 - window, Int(positions[0]))
  sums = fourZeros()
  for key in max(0, lastOfAll + 1 - window)..<last + 1 {
    let row = load(rows + key * stride)
    if key >= firstOfAll, key <= lastOfAll {
      accumulate(&sums, weights, key * vectorWidth, row)
      continue
    }
    for query in 0..<count {
      let position = Int(positions[query])
      guard key <= position, key > position - window else { continue }
      accumulate(&sums, weights, key * vectorWidth, row, from: query, upTo: query + 1)
    }
  }
}

/// Adds, to the sums of four keys, what the queries of a block add whose window has them.
///
/// - Parameters:
///   - key: the first of the keys; `rows` ≤ 4 is their number.
///   - positions: the positions of `count` queries.
@inline(never)
func accumulateInWindow(
  _ sums: inout FourVectors, _ weights: FourRows, _ values: UnsafePointer<Float>, _ stride: Int, _ key: Int,
  _ rows: Int, _ positions: UnsafePointer<Int32>, _ count: Int, _ window: Int
) {
  for i in 0..<count {
    let position = Int(positions[i])
    accumulate(
      &sums, weights, i, load(values + i * stride), from: position + 1 - window - key,
      upTo: min(rows, position + 1 - key))
  }
}
