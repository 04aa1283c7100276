import Foundation

/// Logistic regression with a ridge penalty on standardised features.
///
/// It minimises Σ log(1 + exp(−y·(b + w·z))) + ridge/2 · |w|², where y is ±1 and z are the features minus
/// their means, divided by their standard deviations. The intercept b is not penalised. The penalty keeps the
/// answer finite when the classes can be separated.
///
/// Source: S. le Cessie and J. C. van Houwelingen, "Ridge Estimators in Logistic Regression", Applied
/// Statistics 41 (1992). The minimum is found by Newton's method (iteratively reweighted least squares); a
/// step is halved until the objective decreases. No random numbers are used.
package struct LogisticRegression: Equatable, Sendable {
  package let intercept: Double
  /// One per feature: the change of the log-odds when the feature rises by one standard deviation.
  package let weights: [Double]
  private let standardise: Standardisation

  /// - Parameters:
  ///   - features: [row][feature]; all rows have the same length.
  ///   - labels: one per row.
  ///   - ridge: the factor of the penalty, above 0.
  /// - Throws: `StatisticsError.unequalCounts`, `notANumber` (its index is that of the row), `outOfRange` for
  ///   the penalty, `tooFew` if a class is missing.
  package init(features: [[Double]], labels: [Bool], ridge: Double = 1) throws(StatisticsError) {
    guard features.count == labels.count else { throw .unequalCounts(features.count, labels.count) }
    guard ridge > 0, ridge.isFinite else { throw .outOfRange("a ridge penalty", ridge) }
    for (number, row) in features.enumerated() {
      guard row.count == features[0].count else { throw .unequalCounts(row.count, features[0].count) }
      if row.contains(where: { !$0.isFinite }) { throw .notANumber(index: number) }
    }
    let classes = Set(labels).count
    guard classes == 2 else { throw .tooFew(needed: 2, found: classes) }

    let standardise = Standardisation(features)
    // The intercept is the weight of a last feature that is always 1.
    let problem = RidgeProblem(
      rows: features.flatMap { standardise($0) + [1] }, signs: labels.map { $0 ? 1 : -1 }, ridge: ridge)
    let solution = problem.minimum()
    self.standardise = standardise
    intercept = solution[solution.count - 1]
    weights = Array(solution.dropLast())
  }

  /// The probability that a row is positive.
  ///
  /// - Throws: `StatisticsError.unequalCounts` if the number of features differs from that of the training
  ///   rows, `notANumber` for NaN or infinity.
  package func probability(_ row: [Double]) throws(StatisticsError) -> Double {
    guard row.count == weights.count else { throw .unequalCounts(row.count, weights.count) }
    try requireFinite(row)
    let score = zip(standardise(row), weights).reduce(intercept) { $0 + $1.0 * $1.1 }
    return logistic(score)
  }
}

/// The penalised negative log-likelihood as a function of the weights. The last weight, the intercept, is not
/// penalised.
private struct RidgeProblem {
  /// [row][weight], one row after the other.
  let rows: [Double]
  let signs: [Double]
  let ridge: Double

  private var size: Int { rows.count / signs.count }

  /// Newton's method from zero. The objective is strictly convex if both classes are present, so the method
  /// ends at its only minimum.
  func minimum() -> [Double] {
    var weights = Array(repeating: 0.0, count: size)
    var value = objective(weights)
    for _ in 0..<100 {
      guard let step = newtonStep(weights) else { break }
      var scale = 1.0
      var next = weights
      var nextValue = value
      repeat {
        next = zip(weights, step).map { $0 - scale * $1 }
        nextValue = objective(next)
        scale /= 2
      } while !(nextValue <= value) && scale > 1e-12
      guard nextValue <= value else { break }
      let moved = zip(next, weights).reduce(0) { max($0, abs($1.0 - $1.1)) }
      (weights, value) = (next, nextValue)
      if moved <= 1e-13 { break }
    }
    return weights
  }

  private func objective(_ weights: [Double]) -> Double {
    let penalty = weights.dropLast().reduce(0) { $0 + $1 * $1 } * ridge / 2
    var sum = penalty
    for row in signs.indices { sum += softplus(-signs[row] * score(row, weights)) }
    return sum
  }

  /// Hessian⁻¹ · gradient.
  private func newtonStep(_ weights: [Double]) -> [Double]? {
    let size = weights.count
    var gradient = weights.map { $0 * ridge }
    gradient[size - 1] = 0
    // [row][column], one row after the other.
    var hessian = Array(repeating: 0.0, count: size * size)
    for place in 0..<(size - 1) { hessian[place * size + place] = ridge }
    for (row, sign) in signs.enumerated() {
      let margin = sign * score(row, weights)
      let wrong = logistic(-margin)
      let curvature = wrong * logistic(margin)
      for one in 0..<size {
        let feature = rows[row * size + one]
        gradient[one] -= sign * wrong * feature
        for other in 0...one {
          hessian[one * size + other] += curvature * feature * rows[row * size + other]
        }
      }
    }
    return solvePositiveDefinite(
      (0..<size).map { Array(hessian[$0 * size..<($0 + 1) * size]) }, gradient)
  }

  /// Features times weights.
  private func score(_ row: Int, _ weights: [Double]) -> Double {
    var sum = 0.0
    let begin = row * weights.count
    for place in weights.indices { sum += rows[begin + place] * weights[place] }
    return sum
  }
}

/// 1 / (1 + exp(−x)), without overflow.
private func logistic(_ x: Double) -> Double {
  if x >= 0 { return 1 / (1 + exp(-x)) }
  let small = exp(x)
  return small / (1 + small)
}

/// log(1 + exp(x)), without overflow.
private func softplus(_ x: Double) -> Double {
  max(x, 0) + log1p(exp(-abs(x)))
}
