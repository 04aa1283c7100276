/// In how many seeds a component was a hero, or a bloat: one cell of Table 3.
package struct Frequency: Codable, Sendable, Equatable {
  package var name: String
  package var count: Int

  package init(name: String, count: Int) {
    self.name = name
    self.count = count
  }

  /// Counts the names in `lists`, which holds one list for each seed. The most frequent come first, ties by name.
  static func count(_ lists: [[String]]) -> [Frequency] {
    order(Dictionary(lists.flatMap { Set($0) }.map { ($0, 1) }, uniquingKeysWith: +))
  }

  /// The counts as a list; the most frequent come first, ties by name.
  static func order(_ counts: [String: Int]) -> [Frequency] {
    counts.map { Frequency(name: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }
}
