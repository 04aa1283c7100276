import Errors
import Foundation
import Statistics

/// Numbers as tables show them; a missing value is "–".
enum NumberText {
  /// A number with a fixed number of decimal places. This is where every table of text rounds.
  static func fixed(_ value: Double?, digits: Int) -> String {
    guard let value else { return TableText.nothing }
    guard value.isFinite else { return "\(value)" }
    let text = String(format: "%.\(digits)f", value)
    // −0.00 is shown as 0.00.
    return text.allSatisfy { "-0.".contains($0) } && text.hasPrefix("-") ? String(text.dropFirst()) : text
  }

  /// `0.196 ± 0.012`; without a standard deviation only the mean.
  static func plusMinus(_ mean: Double?, _ std: Double?, digits: Int) -> String {
    guard let mean else { return TableText.nothing }
    guard let std else { return fixed(mean, digits: digits) }
    return "\(fixed(mean, digits: digits)) ± \(fixed(std, digits: digits))"
  }

  /// `0.10 to 0.45`.
  static func range(_ low: Double?, _ high: Double?, digits: Int) -> String {
    guard let low, let high else { return TableText.nothing }
    return "\(fixed(low, digits: digits)) to \(fixed(high, digits: digits))"
  }
}

extension NumberText {
  /// The text with true minus signs before numbers, for the page and figures; a terminal and files have hyphens.
  static func typeset(_ text: String) -> String {
    var result = ""
    var before: Character = " "
    for (character, after) in zip(text, text.dropFirst() + " ") {
      let isMinus =
        character == "-" && after.isNumber && !before.isLetter && !before.isNumber && before != "-"
      result.append(isMinus ? "−" : character)
      before = character
    }
    return result
  }

  /// `0.45 [0.30, 0.58]`; without an interval only the mean.
  static func interval(_ value: SeedMean, digits: Int) -> String {
    interval(value.mean, value.interval, digits: digits)
  }

  static func interval(_ value: Double?, _ range: Interval?, digits: Int) -> String {
    guard value != nil, range != nil else { return fixed(value, digits: digits) }
    return "\(fixed(value, digits: digits)) \(interval(range, digits: digits))"
  }

  /// `[0.30, 0.58]`
  static func interval(_ value: Interval?, digits: Int) -> String {
    guard let value else { return "" }
    return "[\(fixed(value.lower, digits: digits)), \(fixed(value.upper, digits: digits))]"
  }

  /// `p 0.012`, followed by the reason if nothing can be claimed.
  static func pValue(_ test: TestSummary) -> String {
    guard let p = test.pValue else { return "no test: \(test.reason ?? "not made")" }
    let text = "p \(level(p))"
    return test.isSignificant == nil ? "\(text) (no claim: \(test.reason ?? "too few seeds"))" : text
  }

  /// A p-value: `0.012`, or `< 0.001`.
  static func level(_ p: Double) -> String { p < 0.001 ? "< 0.001" : fixed(p, digits: 3) }

  /// `1 seed`, `3 seeds`.
  static func seeds(_ count: Int) -> String { counted(count, "seed") }
}
