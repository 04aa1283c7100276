/// What single precision may cost. Every bound is a multiple of the unit roundoff u = 2⁻²⁴.
///
/// A sum of K terms in any order: each partial sum is rounded once, by at most u of its size. Rounding errors
/// are as good as independent, so those of a sum with random signs, whose partial sums grow as √k, add up to
/// u·√(K/2)·‖sum‖ at worst, and those of a sum of positive terms to u·√(K/3)·‖sum‖ (Higham & Mary 2019). Both
/// are below √K. A bound is twice the sum of such counts: twice is the margin for outputs of one element.
enum Rounding {
  static let unit = 0x1p-24

  /// Twice `count` roundings.
  static func bound(_ count: Double) -> Double { 2 * unit * count }

  /// Roundings of a sum of `terms`.
  static func sum(_ terms: Int) -> Double { Double(max(terms, 1)).squareRoot() }

  // OpenCL 1.2 section 7.4, table 7.1: the greatest error a full-profile device may have, in ulp. An ulp is
  // up to two units roundoff, but an average error is below half the greatest one.
  static let erf = 16.0
  static let exp = 3.0
  static let log = 3.0
  static let squareRoot = 3.0
  static let division = 2.5
}
