/// Causal multi-head attention over packed sequences. For query row i, head h and the keys j that it sees:
/// `s_j = q_i·k_j / √headWidth`, `p = softmax(s)`, `output_i = Σ p_j v_j`. ``AttentionScores`` may change the factor, cap
/// the scores and narrow what a query sees.
///
/// Matrices are [rows, heads·headWidth]; the columns of a head are adjacent.
///
/// A key that a query does not see enters none of the query's sums, and the query enters none of the key's
/// gradients, whether or not their rows are finite: a row that has overflowed spoils the rows that see it and
/// no others.
package struct Attention {
  package static let name = "attention"

  /// [query rows, heads·headWidth]
  package var query: Matrix
  /// [key rows, heads·headWidth]; `keyRows` says which rows.
  package var key: Matrix
  /// [key rows, heads·headWidth]; `keyRows` says which rows.
  package var value: Matrix
  package var heads: Int
  /// [query rows, heads·headWidth]: z, the attention-weighted values, before the output projection.
  package var output: Matrix
  /// [query rows, heads]: `ln Σ_j exp(s_j)`, kept for the backward.
  ///
  /// A device may recompute the probabilities from it. Their relative error is then half a unit in its last
  /// place: 3e-5 at scores of 1,000. Such probabilities do not sum to 1, so the device must take the D of
  /// `p·(dp − D)` from the output, or from probabilities that it has divided by their sum.
  package var logSumExp: Matrix
  package var layout: AttentionLayout
  /// The row of key and value in which each key of the layout lies; nil if each key is its own row.
  package var keyRows: KeyRows?
  package var scores: AttentionScores

  package init(
    query: Matrix, key: Matrix, value: Matrix, heads: Int, output: Matrix, logSumExp: Matrix,
    layout: AttentionLayout, keyRows: KeyRows? = nil, scores: AttentionScores = AttentionScores()
  ) {
    self.query = query
    self.key = key
    self.value = value
    self.heads = heads
    self.output = output
    self.logSumExp = logSumExp
    self.layout = layout
    self.keyRows = keyRows
    self.scores = scores
  }

  package var headWidth: Int { query.columns / heads }

  package func validate() throws {
    try checkHeads(query, heads: heads, in: Self.name)
    try scores.validate(in: Self.name)
    let width = query.columns
    let rows = try keyRows.extent(for: layout, in: Self.name)
    try query.check("query", rows: layout.queryExtent, in: Self.name)
    try key.check("key", rows: rows, columns: width, in: Self.name)
    try value.check("value", rows: rows, columns: width, in: Self.name)
    try output.check("output", rows: layout.queryExtent, columns: width, in: Self.name)
    try logSumExp.check("log-sum-exp", rows: layout.queryExtent, columns: heads, in: Self.name)
  }
}

/// The gradients of ``Attention`` with respect to query, key and value. With D_i = outputGradient_i·output_i
/// and ds_ij = p_ij·(outputGradient_i·v_j − D_i)/√headWidth, they are `dq_i = Σ_j ds_ij k_j`, `dk_j = Σ_i
/// ds_ij q_i` and `dv_j = Σ_i p_ij outputGradient_i`. If scores are capped, ds_ij is also multiplied by the cap's
/// derivative, `1 − (s_ij/cap)²` with the capped score s_ij. Keys that no query sees get zeros. Rows that are not seen are
/// treated as in ``Attention``.
package struct AttentionBackward {
  package static let name = "attention_backward"

  package var query: Matrix
  package var key: Matrix
  package var value: Matrix
  package var heads: Int
  package var output: Matrix
  package var logSumExp: Matrix
  package var outputGradient: Matrix
  package var queryGradient: Matrix
  package var keyGradient: Matrix
  package var valueGradient: Matrix
  package var layout: AttentionLayout
  /// Those of the forward. The gradients have a row for each key of the layout: those of a row that several keys share are not added up.
  package var keyRows: KeyRows?
  /// Those of the forward.
  package var scores: AttentionScores

  package init(
    query: Matrix, key: Matrix, value: Matrix, heads: Int, output: Matrix, logSumExp: Matrix,
    outputGradient: Matrix, queryGradient: Matrix, keyGradient: Matrix, valueGradient: Matrix,
    layout: AttentionLayout, keyRows: KeyRows? = nil, scores: AttentionScores = AttentionScores()
  ) {
    self.query = query
    self.key = key
    self.value = value
    self.heads = heads
    self.output = output
    self.logSumExp = logSumExp
    self.outputGradient = outputGradient
    self.queryGradient = queryGradient
    self.keyGradient = keyGradient
    self.valueGradient = valueGradient
    self.layout = layout
    self.keyRows = keyRows
    self.scores = scores
  }

  package var headWidth: Int { query.columns / heads }

  package func validate() throws {
    try checkHeads(query, heads: heads, in: Self.name)
    try scores.validate(in: Self.name)
    let width = query.columns
    for (name, matrix) in [
      ("query", query), ("output", output), ("output gradient", outputGradient),
      ("query gradient", queryGradient),
    ] {
      try matrix.check(name, rows: layout.queryExtent, columns: width, in: Self.name)
    }
    let rows = try keyRows.extent(for: layout, in: Self.name)
    for (name, matrix, rows) in [
      ("key", key, rows), ("value", value, rows), ("key gradient", keyGradient, layout.keyExtent),
      ("value gradient", valueGradient, layout.keyExtent),
    ] {
      try matrix.check(name, rows: rows, columns: width, in: Self.name)
    }
    try logSumExp.check("log-sum-exp", rows: layout.queryExtent, columns: heads, in: Self.name)
  }
}

extension Attention: DeviceOperation {
  package func run(on device: any Device) throws { try device.attention(self) }
}

extension AttentionBackward: DeviceOperation {
  package func run(on device: any Device) throws { try device.attentionBackward(self) }
}

extension ForwardingDevice {
  package func attention(_ operation: Attention) throws { try perform(operation) }
  package func attentionBackward(_ operation: AttentionBackward) throws { try perform(operation) }
}

private func checkHeads(_ query: Matrix, heads: Int, in name: String) throws {
  guard heads > 0, query.columns % heads == 0 else {
    throw ComputeError.invalid(name, "\(heads) heads don't divide a width of \(query.columns)")
  }
}
