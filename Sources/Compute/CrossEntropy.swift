/// The loss of every row, its gradient and its correctness, in one pass.
///
/// `rowLoss = logSumExp(logits) − logits[target]`; `logitsGradient = rowWeight·(softmax(logits) − onehot)`;
/// `loss[model] = Σ rowWeight·rowLoss` over the model's rows, compensated as in ``ColumnMeans``. For rows
/// with a negative target, which have no loss, all results are zero.
package struct CrossEntropy {
  package static let name = "cross_entropy"

  /// [rows, vocabulary]
  package var logits: Matrix
  /// int32 [rows], below the vocabulary; negative for a row without a target.
  package var targets: any Buffer
  /// [rows, 1]: the weight of each row in the loss; 1/(rows with a target) gives the mean.
  package var rowWeight: Matrix
  /// [rows, 1]
  package var rowLoss: Matrix
  /// [rows, 1]: 1 if the lowest index of the largest logit is the target, else 0.
  package var rowCorrect: Matrix
  /// [rows, vocabulary]; may equal the logits.
  package var logitsGradient: Matrix?
  /// One number for each model.
  package var loss: Parameter
  package var rows: RowGroups

  package init(
    logits: Matrix, targets: any Buffer, rowWeight: Matrix, rowLoss: Matrix, rowCorrect: Matrix,
    logitsGradient: Matrix? = nil, loss: Parameter, rows: RowGroups
  ) {
    self.logits = logits
    self.targets = targets
    self.rowWeight = rowWeight
    self.rowLoss = rowLoss
    self.rowCorrect = rowCorrect
    self.logitsGradient = logitsGradient
    self.loss = loss
    self.rows = rows
  }

  package func validate() throws {
    let extent = rows.extent
    try logits.check("logits", rows: extent, in: Self.name)
    try checkIndices(targets, "targets", count: extent, in: Self.name)
    try rowWeight.check("row weight", rows: extent, columns: 1, in: Self.name)
    try rowLoss.check("row loss", rows: extent, columns: 1, in: Self.name)
    try rowCorrect.check("row correct", rows: extent, columns: 1, in: Self.name)
    try logitsGradient?.check("logits gradient", rows: extent, columns: logits.columns, in: Self.name)
    try loss.checkOutput("loss", models: rows.modelExtent, rows: 1, columns: 1, in: Self.name)
  }
}

extension CrossEntropy: DeviceOperation {
  package func run(on device: any Device) throws { try device.crossEntropy(self) }
}

extension ForwardingDevice {
  package func crossEntropy(_ operation: CrossEntropy) throws { try perform(operation) }
}
