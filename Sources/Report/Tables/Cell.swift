import Statistics

/// One cell of a table: a value, not its text. Renderers make text of it; numbers are rounded there and nowhere else.
package struct Cell: Sendable, Equatable {
  package enum Value: Sendable, Equatable {
    case text(String)
    case count(Int)
    case flag(Bool)
    case number(Double, digits: Int)
    /// A mean with its standard deviation: `0.20 ± 0.01`.
    case spread(Double, Double?, digits: Int)
    /// `0.10 to 0.45`
    case range(Double, Double, digits: Int)
    /// A value with its confidence interval and the number of seeds: `0.45 [0.30, 0.58]`.
    case estimate(Double?, Interval?, seeds: Int?, digits: Int)
    case missing
  }

  package var value: Value
  /// A sign after the text, which a note explains: ` *`, `!`. Files do not have it.
  package var mark = ""
  /// Why there is no value, or no interval, if it is known.
  package var reason: String?

  package func marked(_ mark: String) -> Cell { Cell(value: value, mark: mark, reason: reason) }
}

extension Cell {
  static let missing = Cell(value: .missing)

  static func text(_ text: String?) -> Cell {
    text.map { Cell(value: $0.isEmpty ? .missing : .text($0)) } ?? missing
  }

  static func count(_ count: Int?) -> Cell { count.map { Cell(value: .count($0)) } ?? missing }
  static func flag(_ flag: Bool?) -> Cell { flag.map { Cell(value: .flag($0)) } ?? missing }

  static func number(_ value: Double?, digits: Int = 3) -> Cell {
    value.map { Cell(value: .number($0, digits: digits)) } ?? missing
  }

  static func spread(_ mean: Double?, _ std: Double?, digits: Int) -> Cell {
    mean.map { Cell(value: .spread($0, std, digits: digits)) } ?? missing
  }

  static func range(_ low: Double?, _ high: Double?, digits: Int = 2) -> Cell {
    guard let low, let high else { return missing }
    return Cell(value: .range(low, high, digits: digits))
  }

  static func range(_ interval: Interval?) -> Cell { range(interval?.lower, interval?.upper) }

  static func estimate(_ value: Double?, _ interval: Interval?, seeds: Int? = nil, digits: Int) -> Cell {
    Cell(value: .estimate(value, interval, seeds: seeds, digits: digits))
  }

  static func estimate(_ mean: SeedMean?, digits: Int) -> Cell {
    guard let mean else { return missing }
    return Cell(
      value: .estimate(mean.mean, mean.interval, seeds: mean.count, digits: digits), reason: mean.reason)
  }

  static func estimate(_ share: SeedShare, digits: Int) -> Cell {
    .estimate(share.share, share.interval, seeds: share.seeds, digits: digits)
  }

  /// The cell as a reader sees it; a missing value is "–".
  var shown: String {
    let text =
      switch value {
      case .text(let text): text
      case .count(let count): "\(count)"
      case .flag(let flag): flag ? "true" : "false"
      case .number(let value, let digits): NumberText.fixed(value, digits: digits)
      case .spread(let mean, let std, let digits): NumberText.plusMinus(mean, std, digits: digits)
      case .range(let low, let high, let digits): NumberText.range(low, high, digits: digits)
      case .estimate(let value, let interval, _, let digits):
        NumberText.interval(value, interval, digits: digits)
      case .missing: TableText.nothing
      }
    return text + mark
  }
}
