/// A function of one element.
package enum Activation: String, Equatable, Sendable, CaseIterable {
  case identity
  /// The exact GELU, `x·Φ(x)` (Hendrycks & Gimpel 2016).
  case gelu
  /// The GELU with its tanh approximation, `x·½(1 + tanh(√(2/π)·(x + 0.044715·x³)))`: `gelu_new` of GPT-2.
  case geluTanh
  /// `x·σ(x)` (Elfwing et al. 2017).
  case silu
}
