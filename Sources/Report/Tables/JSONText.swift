import Errors

/// The few words of JSON that reports write themselves, where the order of keys matters.
enum JSONText {
  /// A string with its quotation marks. Besides what JSON asks for, `<`, `>` and `&` are escaped, so that the text may stand inside a
  /// script element of a page.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "<", ">", "&", "\u{2028}", "\u{2029}": result += scalar.hexEscape
      case _ where scalar.value < 0x20: result += scalar.hexEscape
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
