/// The errors that single precision may cause. Every bound is a multiple of the unit roundoff u = 2⁻²⁴.
///
/// Consider a sum of K terms in any order. Each partial sum is rounded once, by at most u of its size.
/// Rounding errors are practically independent. So those of a sum with random signs, whose partial sums grow
/// as √k, add up to at most u·√(K/2)·‖sum‖, and those of a sum of positive terms to u·√(K/3)·‖sum‖ (Higham &
/// Mary 2019). Both are below √K. A bound is twice the sum of such counts; the factor of two is the margin
/// for outputs of one element.
enum Rounding {
  static let unit = 0x1p-24

  /// The bound for `count` roundings: twice their size.
  static func bound(_ count: Double) -> Double { 2 * unit * count }

  /// The number of roundings in a sum of `terms` terms.
  static func sum(_ terms: Int) -> Double { Double(max(terms, 1)).squareRoot() }

  /// The number of roundings in a compensated sum of any number of terms, or in a compensated sum of such
  /// sums.
  static let compensated = 3.0

  // OpenCL 1.2 section 7.4, table 7.1: the largest error of a full-profile device, in ulp. An ulp is up to
  // two units of roundoff, but the average error is below half the largest one.
  static let erf = 16.0
  static let exp = 3.0
  static let tanh = 5.0
  static let log = 3.0
  static let squareRoot = 3.0
  static let division = 2.5
}
