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
      case "<", ">", "&", "\u{2028}", "\u{2029}": result += hexadecimal(scalar)
      case _ where scalar.value < 0x20: result += hexadecimal(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
