import CPUKernelTable

// Scores of attention that are capped: s = cap·tanh(scale·q·k/cap).

/// Turns the products [keys, 16] from key `first` on into scores.
@inline(never)
func capScores(_ products: UnsafeMutablePointer<Float>, _ first: Int, _ keys: Int, _ scores: HeadScores) {
  for key in first..<keys {
    let at = products + key * vectorWidth
    var x = load(at) * scores.scale
    applySoftCap(&x, scores.cap)
    store(x, at)
  }
}

/// Stores the slope of each score [keys, 16], with respect to its product.
@inline(never)
func storeSlopes(
  _ capped: UnsafePointer<Float>, _ slopes: UnsafeMutablePointer<Float>, _ first: Int, _ keys: Int,
  _ scores: HeadScores
) {
  for key in first..<keys {
    let slope = softCapSlope(load(capped + key * vectorWidth), scores.cap) * scores.scale
    store(slope, slopes + key * vectorWidth)
  }
}

/// Multiplies the gradients of scores by their slopes, in place.
@inline(never)
func applySlopes(
  _ gradients: UnsafeMutablePointer<Float>, _ slopes: UnsafePointer<Float>, _ first: Int, _ keys: Int
) {
  for key in first..<keys {
    let at = gradients + key * vectorWidth
    store(load(at) * load(slopes + key * vectorWidth), at)
  }
}
