import Foundation

/// A limit on how far the aliases of a YAML text can multiply its content.
///
/// An alias stands for a copy of what its anchor marks, which may have aliases itself. A text of a few hundred bytes can
/// so stand for more copies than could ever be compared with one another, as the YAML reader does with keys.
enum AliasLimit {
  /// More copies than any file of options has a use for.
  private static let mostCopies = 1e6

  /// Whether the text can't multiply its content beyond the limit, whatever it is.
  ///
  /// If n aliases are spread over a chain of a anchors, each marking the aliases of the one before, then there are at
  /// most (n / a + 1)^a copies. Where an anchor or alias is part of a word or a comment it counts too: that is on the
  /// safe side.
  static func permits(_ text: String) -> Bool {
    let (anchors, aliases) = (count(of: "&", in: text), count(of: "*", in: text))
    guard anchors > 0 else { return true }
    return pow(aliases / anchors + 1, anchors) <= mostCopies
  }

  /// How often the mark stands before a character that a name can begin with.
  private static func count(of mark: Unicode.Scalar, in text: String) -> Double {
    let pairs = zip(text.utf8, text.utf8.dropFirst())
    let found = pairs.lazy.filter { $0 == UInt8(ascii: mark) && isOfName($1) }
    return Double(found.reduce(0) { count, _ in count + 1 })
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
