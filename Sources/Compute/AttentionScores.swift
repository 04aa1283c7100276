/// How the scores of attention are made of the products of queries and keys, and which keys a query sees. The default
/// is attention as most models have it.
package struct AttentionScores: Equatable, Sendable {
  /// What a product is multiplied by; nil for 1/√headWidth.
  package var scale: Double?
  /// A score s becomes `cap·tanh(s/cap)`, which stays within ±cap (Bello et al. 2016, arXiv:1611.09940); nil without a
  /// cap.
  package var cap: Double?
  /// The largest number of keys that a query sees: its own, and those right before it (Beltagy et al. 2020,
  /// arXiv:2004.05150); nil for all keys before it.
  package var window: Int?

  package init(scale: Double? = nil, cap: Double? = nil, window: Int? = nil) {
    self.scale = scale
    self.cap = cap
    self.window = window
  }

  package func scale(headWidth: Int) -> Double { scale ?? 1 / Double(headWidth).squareRoot() }

  /// The positions of the keys that the query at a position sees.
  package func keys(seenFrom position: Int) -> Range<Int> {
    (window.map { max(0, position + 1 - $0) } ?? 0)..<position + 1
  }

  /// The window if it hides a key of some sequence of a layout.
  package func window(in layout: AttentionLayout) -> Int? {
    window.flatMap { $0 < layout.longestSequence ? $0 : nil }
  }

  func validate(in name: String) throws {
    for (word, value) in [("scale", scale), ("cap", cap)] {
      guard let value, !(Float(value) > 0 && Float(value).isFinite) else { continue }
      throw ComputeError.invalid(name, "a \(word) of scores must be positive, not \(value)")
    }
    if let window, window < 1 {
      throw ComputeError.invalid(name, "a window must have at least one key, not \(window)")
    }
  }
}
