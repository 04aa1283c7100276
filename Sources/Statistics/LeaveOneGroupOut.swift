import Concurrency

/// Predicts each row with a model that was fitted without the row's group: "leave one seed out".
///
/// Judge the predictions with `clusteredAreaUnderROC` and `withinGroups`; `areaUnderROC(_:labels:groups:)`
/// says why.
///
/// - Parameters:
///   - features: [row][feature].
///   - labels: one per row.
///   - groups: the group of each row. For each group a model is fitted to the rows of all other groups.
///   - ridge: the factor of the penalty, above 0.
/// - Returns: the probability that each row is positive. It is nil for the rows of a group if all rows of the
///   other groups have the same class.
/// - Throws: `StatisticsError.unequalCounts`, `notANumber` (its index is that of the row), `outOfRange` for
///   the penalty.
package func leaveOneGroupOutPredictions(
  features: [[Double]], labels: [Bool], groups: [Int], ridge: Double = 1
) throws(StatisticsError) -> [Double?] {
  guard features.count == labels.count else { throw .unequalCounts(features.count, labels.count) }
  guard features.count == groups.count else { throw .unequalCounts(features.count, groups.count) }
  for (number, row) in features.enumerated() where row.contains(where: { !$0.isFinite }) {
    throw .notANumber(index: number)
  }
  var predictions: [Double?] = Array(repeating: nil, count: features.count)
  let folds = rowsByGroup(groups)
  let predicted = try concurrentMap(folds) { held throws(StatisticsError) in
    try predict(held, features, labels, ridge: ridge)
  }
  for (held, probabilities) in zip(folds, predicted) {
    for (row, probability) in zip(held, probabilities) { predictions[row] = probability }
  }
  return predictions
}

/// The probabilities of rows by a model fitted to all others; empty if those have the same class.
private func predict(
  _ held: [Int], _ features: [[Double]], _ labels: [Bool], ridge: Double
) throws(StatisticsError) -> [Double] {
  let isHeld = Set(held)
  let training = features.indices.filter { !isHeld.contains($0) }
  let trainingLabels = training.map { labels[$0] }
  guard trainingLabels.contains(true), trainingLabels.contains(false) else { return [] }
  let model = try LogisticRegression(
    features: training.map { features[$0] }, labels: trainingLabels, ridge: ridge)
  var probabilities: [Double] = []
  for row in held { probabilities.append(try model.probability(features[row])) }
  return probabilities
}
