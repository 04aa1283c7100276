import Compute

extension Transformer {
  /// The change of what a block's attention adds to the residual stream when the output of one head changes, [rows,
  /// d_model].
  ///
  /// It is the change times the head's rows of W_O. If branches are normalised, the norm reads the sum of all heads: then
  /// the change is that of the norm's output, with the other heads as they are in `heads`.
  ///
  /// - Parameters:
  ///   - columns: those of the head.
  ///   - difference: [rows, d_head], of model 0.
  ///   - heads: [rows, heads·d_head]: the outputs of all heads before the change; needed if branches are normalised.
  /// - Throws: `ModelError.batch` without heads that are needed; what the device throws.
  package func streamChange(
    ofHead columns: Range<Int>, layer: Int, by difference: Matrix, heads: Matrix?, rows count: Int
  ) throws -> Matrix {
    let rows = try RowGroups(rows: count)
    func matrix(_ columns: Int) throws -> Matrix {
      Matrix(try device.makeBuffer(count: max(count, 1) * columns), columns: columns)
    }
    let (attention, width) = (layout.blocks[layer].attention, configuration.dModel)
    let weight = parameter(attention.output.weight)
    let change = try matrix(width)
    try device.matmul(
      Matmul(input: difference, weight: weight.rows(columns), output: change, rows: rows))
    guard let outputNorm = attention.outputNorm else { return change }
    guard let heads else {
      throw ModelError.batch(
        "what a head of L\(layer) writes depends on the other heads, whose outputs are missing")
    }

    let before = try matrix(width)
    try device.matmul(
      Matmul(
        input: heads, weight: weight, bias: attention.output.bias.map(parameter), output: before, rows: rows))
    try device.add(Add(left: before, right: change, output: change, count: count))
    func normalised(_ product: Matrix) throws -> Matrix {
      let output = try matrix(width)
      try device.layerNorm(
        LayerNorm(
          input: product, weight: parameter(outputNorm.weight), bias: outputNorm.bias.map(parameter),
          kind: configuration.architecture.norm, epsilon: configuration.epsilon, output: output,
          statistics: try matrix(2), rows: rows))
      return output
    }
    let (old, new) = (try normalised(before), try normalised(change))
    try device.subtract(old, from: new, into: old, count: count)
    return old
  }
}
