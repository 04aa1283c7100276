/// Solves A · x = b for a symmetric positive definite A by Cholesky factorisation.
///
/// - Parameters:
///   - matrix: A as [row][column]; only the lower triangle is read.
///   - right: b.
/// - Returns: x; nil if A is not positive definite in double precision.
func solvePositiveDefinite(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
  let size = right.count
  var factor = matrix
  for row in 0..<size {
    for column in 0...row {
      var sum = matrix[row][column]
      for inner in 0..<column { sum -= factor[row][inner] * factor[column][inner] }
      if row == column {
        guard sum > 0, sum.isFinite else { return nil }
        factor[row][row] = sum.squareRoot()
      } else {
        factor[row][column] = sum / factor[column][column]
      }
    }
  }
  var solution = right
  for row in 0..<size {
    for inner in 0..<row { solution[row] -= factor[row][inner] * solution[inner] }
    solution[row] /= factor[row][row]
  }
  for row in (0..<size).reversed() {
    for inner in (row + 1)..<max(row + 1, size) { solution[row] -= factor[inner][row] * solution[inner] }
    solution[row] /= factor[row][row]
  }
  return solution
}
