import Foundation
import Records
import Statistics

extension RunRecord.Training {
  /// For each component, the slope of ln(gradient norm) against the share of the training that is done, by
  /// least squares. It is negative if the component's gradient faded.
  ///
  /// - Returns: nil if fewer than two steps were recorded, or if a norm is not a positive number.
  func gradientTrends(of components: Int) throws -> [Double]? {
    let looks = gradientNorms ?? []
    guard looks.count > 1,
      looks.allSatisfy({ $0.values.count == components && $0.values.allSatisfy { $0 > 0 && $0.isFinite } })
    else { return nil }
    let shares = looks.map { Double($0.step) / Double(max(steps, 1)) }
    return try (0..<components).map { i in
      try LinearFit(shares, looks.map { log($0.values[i]) }).slope
    }
  }
}
