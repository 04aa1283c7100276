/// The words of a JSON text, found in one pass: what `WordDecoder` decodes.
///
/// It knows no more than our files hold. A text with anything else (malformed text, `\u` escapes, values nested deeper than 64) has
/// no words, and Foundation's decoder judges it.
final class JSONWords {
  enum Kind {
    case object, array
    /// A string, and one with escapes.
    case string, escaped
    case number, `true`, `false`, null
  }

  /// One value, or the key before one.
  struct Word {
    var kind: Kind
    private var first, last, after: UInt32

    init(_ kind: Kind, _ range: Range<Int>, next: Int) {
      self.kind = kind
      (first, last, after) = (UInt32(range.lowerBound), UInt32(range.upperBound), UInt32(next))
    }

    /// Its bytes in the text; those of a string without the quotation marks. Empty for objects and arrays.
    var range: Range<Int> { Int(first)..<Int(last) }
    /// The place in `words` of the first word after it and after all that it holds.
    var next: Int {
      get { Int(after) }
      set { after = UInt32(newValue) }
    }
  }

  let bytes: [UInt8]
  /// In the order of the text. After an object its keys and values follow in turn; after an array its elements.
  let words: [Word]
  /// Whether something was asked for that only Foundation's decoder may answer.
  private(set) var isUnusual = false
  /// Long strings that were read before, because the same few are repeated hundreds of times in a record.
  private var known: [Int: (bytes: Range<Int>, text: String)] = [:]

  /// - Returns: `nil` for a text that is malformed or unusual.
  init?(_ bytes: [UInt8]) {
    var scanner = JSONScanner(bytes)
    guard scanner.scan() else { return nil }
    (self.bytes, words) = (bytes, scanner.words)
  }

  /// Reports something that only Foundation's decoder may answer.
  func unusual() -> WordError {
    isUnusual = true
    return .unusual
  }

  /// The text of a string.
  ///
  /// - Throws: `WordError` if the word is not a string.
  func text(of word: Word) throws -> String {
    switch word.kind {
    case .string: return plain(word.range)
    case .escaped: return unescaped(word.range)
    default: throw WordError.mismatch
    }
  }

  private func plain(_ range: Range<Int>) -> String {
    // Shorter ones need no memory of their own.
    guard range.count > 15 else { return String(decoding: bytes[range], as: UTF8.self) }
    let mark = range.count << 16 | Int(bytes[range.lowerBound]) << 8 | Int(bytes[range.upperBound - 1])
    if let found = known[mark], bytes[found.bytes] == bytes[range] { return found.text }
    let text = String(decoding: bytes[range], as: UTF8.self)
    known[mark] = (range, text)
    return text
  }

  private func unescaped(_ range: Range<Int>) -> String {
    var content: [UInt8] = []
    var place = range.lowerBound
    while place < range.upperBound {
      if bytes[place] == UInt8(ascii: "\\") {
        place += 1
        content.append(JSONScanner.meaning(of: bytes[place]) ?? bytes[place])
      } else {
        content.append(bytes[place])
      }
      place += 1
    }
    return String(decoding: content, as: UTF8.self)
  }
}

/// Why a value was not decoded. Nobody sees it: Foundation's decoder then finds the words.
enum WordError: Error {
  case mismatch, unusual
}
