import Compute
import Foundation

/// The query, key and value of a case, on the device and on the host. The host needs them because the
/// backward takes the results of the forward as inputs, and every device must get the same ones.
struct AttentionInputs {
  let query: Matrix
  let key: Matrix
  let value: Matrix
  /// One list for each row, without unused rows: heads·headWidth floats each.
  private let queries: [[Float]]
  private let keys: [[Float]]
  private let values: [[Float]]
  private let shape: AttentionShape

  init(_ shape: AttentionShape, on bench: Workbench) throws {
    // Scores are q·k/√d. With keys of deviation 1, they have the deviation of the queries.
    func random(_ plan: RowPlan, deviation: Float = 1) -> [[Float]] {
      (0..<plan.rowCount).map { _ in
        (0..<shape.width).map { _ in bench.generator.value(deviation: deviation) }
      }
    }
    func matrix(_ name: String, _ rows: [[Float]], _ plan: RowPlan, columns: Int) throws -> Matrix {
      let block = Block(rows: plan.rows, extent: plan.extent, columns: columns, shape.placement)
      return bench.matrix(try bench.input(name, block) { rows[$0][$1] }, columns, shape.placement)
    }
    let (queryPlan, keyPlan, width) = (shape.queryPlan, shape.keyPlan, shape.width)
    let queries = random(queryPlan, deviation: shape.scoreDeviation)
    let keys = random(shape.keyRowPlan)
    let values = random(shape.keyRowPlan)
    (self.queries, self.keys, self.values, self.shape) = (queries, keys, values, shape)

    if shape.isPacked {
      let rows = queries.indices.map { queries[$0] + keys[$0] + values[$0] }
      let packed = try matrix("query, key and value", rows, keyPlan, columns: 3 * width)
      query = packed.columns(0..<width)
      key = packed.columns(width..<2 * width)
      value = packed.columns(2 * width..<3 * width)
    } else {
      query = try matrix("query", queries, queryPlan, columns: width)
      key = try matrix("key", keys, shape.keyRowPlan, columns: width)
      value = try matrix("value", values, shape.keyRowPlan, columns: width)
    }
  }

  /// The forward's results that the backward needs, computed in double precision and rounded once.
  func saved(on bench: Workbench) throws -> (output: Matrix, logSumExp: Matrix) {
    var outputs: [[Float]] = []
    var logSumExps: [[Float]] = []
    var firstKey = 0
    for length in shape.lengths {
      for position in shape.positions(length: length) {
        let query = queries[outputs.count]
        var output: [Float] = []
        var logSumExp: [Float] = []
        for head in 0..<shape.heads {
          let columns = head * shape.headWidth..<(head + 1) * shape.headWidth
          let seen = shape.scores.keys(seenFrom: position).map { shape.row(ofKey: firstKey + $0) }
          let scores = seen.map { row in
            let score =
              columns.reduce(0.0) { $0 + Double(query[$1]) * Double(keys[row][$1]) }
              * shape.scores.scale(headWidth: shape.headWidth)
            return shape.scores.cap.map { $0 * tanh(score / $0) } ?? score
          }
          let greatest = scores.reduce(-Double.infinity, max)
          let weights = scores.map { exp($0 - greatest) }
          let sum = weights.reduce(0, +)
          output += columns.map { column in
            Float(
              zip(weights, seen).reduce(0.0) { $0 + $1.0 * Double(values[$1.1][column]) } / sum)
          }
          logSumExp.append(Float(greatest + log(sum)))
        }
        outputs.append(output)
        logSumExps.append(logSumExp)
      }
      firstKey += length
    }
    func matrix(_ name: String, _ rows: [[Float]], columns: Int) throws -> Matrix {
      let plan = shape.queryPlan
      let block = Block(rows: plan.rows, extent: plan.extent, columns: columns, shape.placement)
      return bench.matrix(try bench.input(name, block) { rows[$0][$1] }, columns, shape.placement)
    }
    return (
      try matrix("output", outputs, columns: shape.width),
      try matrix("log-sum-exp", logSumExps, columns: shape.heads)
    )
  }
}
