/// Seeds in ascending order, written down as ranges: `1-100,105`.
package struct SeedList: Codable, Equatable, Sendable {
  package let seeds: [Int]

  init(_ seeds: some Sequence<Int>) { self.seeds = Set(seeds).sorted() }

  package var text: String {
    var parts: [String] = []
    var first = seeds.startIndex
    while first < seeds.endIndex {
      var last = first
      while last + 1 < seeds.endIndex, seeds[last + 1] == seeds[last] + 1 { last += 1 }
      parts.append(first == last ? "\(seeds[first])" : "\(seeds[first])-\(seeds[last])")
      first = last + 1
    }
    return parts.joined(separator: ",")
  }

  /// Nil for a text that is not a list of ascending ranges.
  init?(text: String) {
    var seeds: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
        first <= last, last <= Int(UInt32.max), first > seeds.last ?? -1,
        // All ranges together, or a short text would fill the memory.
        last - first < SweepPlan.mostRuns - seeds.count
      else { return nil }
      seeds += first...last
    }
    self.seeds = seeds
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let list = SeedList(text: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not a list of seeds")
    }
    self = list
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
