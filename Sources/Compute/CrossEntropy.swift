/// Loss, its gradient and correctness of every row in one pass.
///
/// `rowLoss = logSumExp(logits) − logits[target]`; `logitsGradient = rowWeight·(softmax(logits) − onehot)`;
/// `loss[model] = Σ rowWeight·rowLoss` over the model's rows in row order. Rows with a negative target
/// have no loss: zeros everywhere.
public struct CrossEntropy {
  public static let name = "cross_entropy"

  /// [rows, vocabulary]
  public var logits: Matrix
  /// int32 [rows]
  public var targets: any Buffer
  /// [rows, 1]: a row's weight in the loss; 1/(rows with a target) gives the mean.
  public var rowWeight: Matrix
  /// [rows, 1]
  public var rowLoss: Matrix
  /// [rows, 1]: 1 where the lowest index of the greatest logit is the target, else 0.
  public var rowCorrect: Matrix
  /// [rows, vocabulary]; may be the logits themselves.
  public var logitsGradient: Matrix?
  /// One scalar a model.
  public var loss: Parameter
  public var rows: RowGroups

  public init(
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

  public func validate() throws {
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

public protocol CrossEntropyOperation {
  func crossEntropy(_ operation: CrossEntropy) throws
}
