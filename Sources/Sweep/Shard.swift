/// Every Nth run of a plan, for schedulers that know nothing of runs: `2/8` is the second of eight.
package struct Shard: Equatable, Sendable, CustomStringConvertible {
  package let index: Int
  package let count: Int

  package static let whole = Shard(index: 1, count: 1)

  init(index: Int, count: Int) { (self.index, self.count) = (index, count) }

  /// - Throws: `SweepError.impossible` for a text that is not `I/N` with I from 1 to N.
  package init(_ text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1,
      (1...count).contains(index)
    else {
      throw SweepError.impossible("--shard must be I/N, the I-th of N parts, from 1/N to N/N, not '\(text)'")
    }
    self.init(index: index, count: count)
  }

  package var description: String { "\(index)/\(count)" }

  package func contains(_ run: SweepPlan.Run) -> Bool { run.number % count == index - 1 }
}
