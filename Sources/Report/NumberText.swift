import Foundation

/// Numbers as tables show them; what is not there is "–".
enum NumberText {
  static func fixed(_ value: Double?, digits: Int) -> String {
    guard let value else { return TableText.nothing }
    guard value.isFinite else { return "\(value)" }
    let text = String(format: "%.\(digits)f", value)
    // −0.00 is 0.00.
    return text.allSatisfy { "-0.".contains($0) } && text.hasPrefix("-") ? String(text.dropFirst()) : text
  }

  static func plusMinus(_ mean: Double?, _ std: Double?, digits: Int) -> String {
    guard let mean else { return TableText.nothing }
    guard let std else { return fixed(mean, digits: digits) }
    return "\(fixed(mean, digits: digits)) ± \(fixed(std, digits: digits))"
  }

  static func range(_ low: Double?, _ high: Double?, digits: Int) -> String {
    guard let low, let high else { return TableText.nothing }
    return "\(fixed(low, digits: digits)) to \(fixed(high, digits: digits))"
  }

  static func count(_ value: Int?) -> String {
    value.map(String.init) ?? TableText.nothing
  }
}
