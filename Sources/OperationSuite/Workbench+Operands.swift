import Compute

/// Makes matrices for a row plan and parameters for its models; descriptors use these names.
extension Workbench {
  func input(
    _ name: String, _ plan: RowPlan, columns: Int, _ placement: Placement, mean: Float = 0,
    deviation: Float = 1
  ) throws -> Matrix {
    let block = Block(rows: plan.rows, extent: plan.extent, columns: columns, placement)
    return matrix(try input(name, block, mean: mean, deviation: deviation), columns, placement)
  }

  func output(_ name: String, _ plan: RowPlan, columns: Int, _ placement: Placement, bound: Double) throws
    -> Matrix
  {
    let block = Block(rows: plan.rows, extent: plan.extent, columns: columns, placement)
    return matrix(try output(name, block, bound: bound), columns, placement)
  }

  /// An output that starts with random values: an operand that is overwritten.
  func inPlace(
    _ name: String, _ plan: RowPlan, columns: Int, _ placement: Placement, bound: Double,
    deviation: Float = 1
  ) throws -> Matrix {
    let block = Block(rows: plan.rows, extent: plan.extent, columns: columns, placement)
    let part = Part(name: name, columns: 0..<columns, bound: bound)
    return matrix(
      try output([part], block) { _, _ in self.generator.value(deviation: deviation) }, columns, placement)
  }

  func matrix(_ buffer: any Buffer, _ columns: Int, _ placement: Placement) -> Matrix {
    Matrix(buffer, columns: columns, offset: placement.offset, stride: columns + placement.padding)
  }

  /// A tensor for every model of the plan.
  func parameter(
    _ name: String, _ plan: RowPlan, rows: Int, columns: Int, _ placement: Placement, mean: Float = 0,
    deviation: Float = 1
  ) throws -> Parameter {
    let block = Block(
      models: plan.models, live: Array(0..<plan.models), rows: rows, columns: columns, placement)
    return parameter(
      try input(name, block, mean: mean, deviation: deviation), rows: rows, columns: columns, placement)
  }

  /// A tensor for every model. It is live for the models that have rows; the others must stay unchanged.
  func parameterOutput(
    _ name: String, _ plan: RowPlan, rows: Int, columns: Int, _ placement: Placement, bound: Double
  ) throws -> Parameter {
    let block = Block(
      models: plan.models, live: plan.modelsWithRows, rows: rows, columns: columns, placement)
    return parameter(try output(name, block, bound: bound), rows: rows, columns: columns, placement)
  }

  private func parameter(_ buffer: any Buffer, rows: Int, columns: Int, _ placement: Placement) -> Parameter {
    Parameter(
      buffer, rows: rows, columns: columns, offset: placement.offset,
      modelStride: Block.modelStride(rows: rows, columns: columns, placement),
      stride: columns + placement.padding)
  }
}
