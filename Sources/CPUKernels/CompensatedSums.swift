import CPUKernelTable

// Compensated sums, which measurements use: the rounding error of each addition is kept and subtracted from
// the next number (Kahan 1965). The error of a sum is then a few roundings, however many numbers it has.

extension VariantKernels {
  /// Computes the mean of each column, adding the rows in order.
  package static func columnMeans(_ sums: ColumnSums) {
    var column = 0
    while column < sums.columns {
      let count = sums.columns - column
      var (total, lost) = (Vector(repeating: 0), Vector(repeating: 0))
      var input = sums.input + column
      for _ in 0..<sums.rows {
        accumulate(load(input, count) - lost, &total, &lost)
        input += sums.inputStride
      }
      store(total / Float(sums.rows), sums.output + column, count)
      column += vectorWidth
    }
  }
}

extension VariantKernels {
  /// The Frobenius norm of a block, `√Σ x²`. The sum is compensated in each of sixteen lanes.
  package static func norm(_ span: RowSpan) -> Float {
    var (total, lost) = (Vector(repeating: 0), Vector(repeating: 0))
    for row in 0..<span.rows {
      let x = span.base + row * span.stride
      var column = 0
      while column < span.columns {
        let v = load(x + column, span.columns - column)
        accumulate(multiplyAdd(v, v, 0 - lost), &total, &lost)
        column += vectorWidth
      }
    }
    return sum(total - lost).squareRoot()
  }
}

/// Adds `value`, from which the caller has subtracted `lost`, to the sum. `lost` receives the rounding error
/// of this addition.
@inline(always)
private func accumulate(_ value: Vector, _ total: inout Vector, _ lost: inout Vector) {
  let next = total + value
  lost = (next - total) - value
  total = next
}
