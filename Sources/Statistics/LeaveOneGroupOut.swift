/// Predictions of each row by a model that has not seen its group: "leave one seed out".
///
/// Judge them by `clusteredAreaUnderROC` with `withinGroups`, which says why.
///
/// - Parameters:
///   - features: [row][feature].
///   - labels: one a row.
///   - groups: the group of each row; a model is fitted for each on the rows of all others.
///   - ridge: the penalty's factor, above 0.
/// - Returns: the probability that each row is positive; nil for the rows of a group where the other groups'
///   rows are all of one class.
/// - Throws: `StatisticsError.unequalCounts`, `notANumber` (the index is the row's), `outOfRange` for the
///   penalty.
package func leaveOneGroupOutPredictions(
  features: [[Double]], labels: [Bool], groups: [Int], ridge: Double = 1
) throws(StatisticsError) -> [Double?] {
  guard features.count == labels.count else { throw .unequalCounts(features.count, labels.count) }
  guard features.count == groups.count else { throw .unequalCounts(features.count, groups.count) }
  for (number, row) in features.enumerated() where row.contains(where: { !$0.isFinite }) {
    throw .notANumber(index: number)
  }
  var predictions: [Double?] = Array(repeating: nil, count: features.count)
  for held in rowsByGroup(groups) {
    let isHeld = Set(held)
    let training = features.indices.filter { !isHeld.contains($0) }
    let trainingLabels = training.map { labels[$0] }
    guard trainingLabels.contains(true), trainingLabels.contains(false) else { continue }
    let model = try LogisticRegression(
      features: training.map { features[$0] }, labels: trainingLabels, ridge: ridge)
    for row in held { predictions[row] = try model.probability(features[row]) }
  }
  return predictions
}
