import Compute

/// Cross-entropy on both families of kernels: launches Kernels/cross_entropy.cl or
/// Kernels/cross_entropy_local.cl.
extension OpenCLDevice {
  /// Two launches: first the rows, then the loss of each model from its rows.
  package func crossEntropy(_ operation: CrossEntropy) throws {
    try operation.validate()
    let name = CrossEntropy.name
    let tiles = try rowTiles(operation.rows, .crossEntropyLocal)
    var arguments = KernelArguments(self, name)
    try arguments.matrix(operation.logits)
    try arguments.buffer(operation.targets)
    try arguments.matrix(operation.rowWeight)
    try arguments.matrix(operation.rowLoss)
    try arguments.matrix(operation.rowCorrect)
    try arguments.matrix(operation.logitsGradient)
    arguments.flag(operation.logitsGradient != nil)
    try arguments.list(tiles)
    try arguments.int(operation.logits.columns)
    let models = try form(operation.rows).models
    var sums = KernelArguments(self, name)
    try sums.matrix(operation.rowWeight)
    try sums.matrix(operation.rowLoss)
    try sums.buffer(operation.targets)
    try sums.vector(operation.loss)
    try sums.list(models)
    // Both kernels and their arguments are checked before the first launch is queued.
    try launchRows(.crossEntropy, .crossEntropyLocal, "cross_entropy", arguments, tiles)
    if family == .local {
      let built = try built(.crossEntropyLocal)
      try launch(
        built.kernel("cross_entropy_loss"), sums, groups: Grid(models.count),
        local: Grid(built.values["LANES"]))
    } else {
      try launch(kernel(.crossEntropy, "cross_entropy_loss"), sums, global: Grid(models.count))
    }
  }
}
