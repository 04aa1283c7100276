/// `output[r] = tokenTable[tokens[r]] + positionTable[positions[r]]`, each model from its own tables.
package struct Embedding {
  package static let name = "embedding"

  /// int32 [rows], each a row of `tokenTable`
  package var tokens: any Buffer
  /// int32 [rows], position of each row in its sequence, a row of `positionTable`; read only with one.
  package var positions: (any Buffer)?
  /// [vocabulary, width] for each model
  package var tokenTable: Parameter
  /// [context, width] for each model
  package var positionTable: Parameter?
  /// [rows, width]
  package var output: Matrix
  package var rows: RowGroups

  package init(
    tokens: any Buffer, positions: (any Buffer)? = nil, tokenTable: Parameter,
    positionTable: Parameter? = nil, output: Matrix, rows: RowGroups
  ) {
    self.tokens = tokens
    self.positions = positions
    self.tokenTable = tokenTable
    self.positionTable = positionTable
    self.output = output
    self.rows = rows
  }

  package func validate() throws {
    try checkTables(
      tokens: tokens, positions: positions, token: tokenTable, position: positionTable, rows: output,
      rows, in: Self.name)
  }
}

/// The gradient of ``Embedding``: each table row is overwritten with the sum, in row order, of the output
/// gradients of the rows that read it; zero if no row read it.
package struct EmbeddingBackward {
  package static let name = "embedding_backward"

  package var tokens: any Buffer
  package var positions: (any Buffer)?
  /// [rows, width]
  package var outputGradient: Matrix
  package var tokenTableGradient: Parameter
  package var positionTableGradient: Parameter?
  package var rows: RowGroups

  package init(
    tokens: any Buffer, positions: (any Buffer)? = nil, outputGradient: Matrix,
    tokenTableGradient: Parameter, positionTableGradient: Parameter? = nil, rows: RowGroups
  ) {
    self.tokens = tokens
    self.positions = positions
    self.outputGradient = outputGradient
    self.tokenTableGradient = tokenTableGradient
    self.positionTableGradient = positionTableGradient
    self.rows = rows
  }

  package func validate() throws {
    try checkTables(
      tokens: tokens, positions: positions, token: tokenTableGradient, position: positionTableGradient,
      rows: outputGradient, rows, in: Self.name)
    try tokenTableGradient.checkApart("token table", models: rows.modelExtent, in: Self.name)
    try positionTableGradient?.checkApart("position table", models: rows.modelExtent, in: Self.name)
  }
}

extension Embedding: DeviceOperation {
  package func run(on device: any Device) throws { try device.embedding(self) }
}

extension EmbeddingBackward: DeviceOperation {
  package func run(on device: any Device) throws { try device.embeddingBackward(self) }
}

extension ForwardingDevice {
  package func embedding(_ operation: Embedding) throws { try perform(operation) }
  package func embeddingBackward(_ operation: EmbeddingBackward) throws { try perform(operation) }
}

private func checkTables(
  tokens: any Buffer, positions: (any Buffer)?, token: Parameter, position: Parameter?, rows matrix: Matrix,
  _ rows: RowGroups, in name: String
) throws {
  try checkIndices(tokens, "tokens", count: rows.extent, in: name)
  try matrix.check("rows", rows: rows.extent, in: name)
  try token.check(
    "token table", models: rows.modelExtent, rows: token.rows, columns: matrix.columns, in: name)
  if let position {
    guard let positions else { throw ComputeError.invalid(name, "a position table needs positions") }
    try checkIndices(positions, "positions", count: rows.extent, in: name)
    try position.check(
      "position table", models: rows.modelExtent, rows: position.rows, columns: matrix.columns, in: name)
  }
}
