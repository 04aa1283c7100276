import Tasks

/// Sequences that begin alike, side by side, so that they share the rows of their beginnings: a row depends on the tokens up to
/// its own, and on nothing else. Where several runs read other tokens, all of them have to begin alike.
struct SharedPrefixes {
  /// The indices of the sequences, in the order of their tokens.
  let order: [Int]
  /// For each of them, in this order, how many of its first rows are those of the one before it. Rows from the first target on are
  /// its own.
  let lengths: [Int]

  /// - Parameter runs: the numbers of the runs that have to begin alike, beside run 0.
  init(of samples: ForkedForward.Samples, in runs: Set<Int>) {
    let sequences = samples.sequences
    let runs = runs.subtracting([0]).sorted().map { samples.otherRuns[$0 - 1] }
    let own = sequences.map { $0.targets.firstIndex { $0 >= 0 } ?? 0 }
    order = sequences.indices.sorted { one, other in
      let (left, right) = (sequences[one].tokens, sequences[other].tokens)
      if left != right { return left.lexicographicallyPrecedes(right) }
      return one < other
    }
    lengths =
      [0]
      + zip(order, order.dropFirst()).map { before, index in
        func common(_ tokens: [Int32], _ others: [Int32]) -> Int {
          zip(tokens, others).prefix { $0 == $1 }.count
        }
        return runs.reduce(
          min(own[before], own[index], common(sequences[before].tokens, sequences[index].tokens))
        ) { min($0, common($1[before], $1[index])) }
      }
  }

  /// The lengths for some neighbours by themselves.
  func lengths(in range: Range<Int>) -> [Int] { [0] + lengths[range].dropFirst() }

  /// The number of rows that are others', if no sequence is left out.
  var count: Int { lengths.reduce(0, +) }

  /// What is worked out for the sequences in their new order, in the order in which they were.
  func restored<Element>(_ values: [Element]) -> [Element] {
    var restored = values
    for (place, index) in order.enumerated() { restored[index] = values[place] }
    return restored
  }
}
