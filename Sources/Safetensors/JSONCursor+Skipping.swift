/// Passing over values that nobody asked for.
extension JSONCursor {
  /// The deepest nesting that is passed over; the format's own reader has the same limit.
  private static let depthLimit = 127

  /// Skips `null` if it comes next.
  mutating func takeNull() -> Bool { takeWord("null") }

  /// Skips a value of any kind.
  ///
  /// - Throws: `HeaderError` where none comes next, or one that is nested too deeply.
  mutating func skipValue() throws(HeaderError) {
    // What closes each object and array that is open, the innermost last.
    var open: [Unicode.Scalar] = []
    repeat {
      // A value, or the beginning of one.
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
      // What follows it: the ends of what it was in, and the way to the next value.
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
