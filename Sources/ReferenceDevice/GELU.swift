import Foundation

/// The exact Gaussian error linear unit (Hendrycks & Gimpel 2016): x·Φ(x), where Φ is the standard normal
/// distribution function.
enum GELU {
  static func value(_ x: Double) -> Double { x * distribution(x) }

  /// Φ(x) + x·φ(x)
  static func derivative(_ x: Double) -> Double {
    let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    return distribution(x) + x * density
  }

  /// Φ(x) = ½(1 + erf(x/√2)), computed with erfc, because 1 + erf loses its digits to cancellation in the
  /// lower tail.
  static func distribution(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
}
