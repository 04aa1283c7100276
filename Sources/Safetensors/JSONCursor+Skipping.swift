/// Skipping of values that the program does not need.
extension JSONCursor {
  /// The deepest nesting that can be skipped. The format's own reader has the same limit.
  private static let depthLimit = 127

  /// Skips `null` if it comes next.
  mutating func takeNull() -> Bool { takeWord("null") }

  /// Skips a value of any kind.
  ///
  /// - Throws: `HeaderError` if no value comes next, or if the value is nested too deeply.
  mutating func skipValue() throws(HeaderError) {
    // The closing bracket of each open object and array, the innermost last.
    var open: [Unicode.Scalar] = []
    repeat {
      // A complete value, or the beginning of an object or array.
      if take("{") {
        open.append("}")
        guard open.count <= Self.depthLimit else { throw error("expected no value nested this deeply") }
        if !take("}") {
          try skipKey()
          continue
        }
        open.removeLast()
      } else if take("[") {
        open.append("]")
        guard open.count <= Self.depthLimit else { throw error("expected no value nested this deeply") }
        if !take("]") { continue }
        open.removeLast()
      } else {
        try skipScalar()
      }
      // After a value: the closing brackets of its containers, and the separator before the next value.
      while let end = open.last {
        if take(",") {
          if end == "}" { try skipKey() }
          break
        }
        try expect(end)
        open.removeLast()
      }
    } while !open.isEmpty
  }

  private mutating func skipKey() throws(HeaderError) {
    _ = try string()
    try expect(":")
  }

  private mutating func skipScalar() throws(HeaderError) {
    skipSpace()
    if isAtStart(of: "\"") {
      _ = try string()
    } else if !takeWord("true"), !takeWord("false"), !takeWord("null"), !takeNumber() {
      throw error("expected a value")
    }
  }
}
