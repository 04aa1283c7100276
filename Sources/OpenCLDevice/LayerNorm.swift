import Compute

/// Layer normalisation on both families of kernels: launches Kernels/layer_norm.cl or
/// Kernels/layer_norm_local.cl.
extension OpenCLDevice {
  package func layerNorm(_ operation: LayerNorm) throws {
    try operation.validate()
    let tiles = try rowTiles(operation.rows, .layerNormLocal)
    var arguments = KernelArguments(self, LayerNorm.name)
    try arguments.matrix(operation.input)
    try arguments.vector(operation.weight)
    try arguments.vector(operation.bias)
    arguments.flag(operation.bias != nil)
    arguments.flag(operation.kind == .layer)
    arguments.float(operation.epsilon)
    try arguments.matrix(operation.output)
    try arguments.matrix(operation.statistics)
    try arguments.list(tiles)
    try arguments.int(operation.input.columns)
    try launchRows(.layerNorm, .layerNormLocal, "layer_norm", arguments, tiles)
  }

  package func layerNormBackward(_ operation: LayerNormBackward) throws {
    try operation.validate()
    if family == .local { return try localLayerNormGradients(operation, nil) }
    let tiles = try tiles(operation.rows, height: grain.rows)
    var arguments = KernelArguments(self, LayerNormBackward.name)
    try arguments.matrix(operation.input)
    try arguments.vector(operation.weight)
    arguments.flag(operation.kind == .layer)
    arguments.flag(operation.rule == .relevance)
    try arguments.matrix(operation.statistics)
    try arguments.matrix(operation.outputGradient)
    try arguments.matrix(operation.residualGradient)
    arguments.flag(operation.residualGradient != nil)
    try arguments.matrix(operation.inputGradient)
    try arguments.list(tiles)
    try arguments.int(operation.input.columns)
    try launch(kernel(.layerNorm, "layer_norm_backward"), arguments, global: Grid(tiles.count))
  }

  package func layerNormWeightGradient(_ operation: LayerNormWeightGradient) throws {
    try operation.validate()
    if family == .local { return try localLayerNormGradients(nil, operation) }
    let models = try form(operation.rows).models
    let width = operation.input.columns
    var arguments = KernelArguments(self, LayerNormWeightGradient.name)
    try arguments.matrix(operation.input)
    try arguments.matrix(operation.statistics)
    try arguments.matrix(operation.outputGradient)
    try arguments.vector(operation.weightGradient)
    try arguments.vector(operation.biasGradient)
    try arguments.list(models)
    try arguments.int(width)
    try launch(
      kernel(.layerNorm, "layer_norm_weight_gradient"), arguments,
      global: Grid(blocks(width, of: 16), models.count))
  }

  package func layerNormGradients(_ operation: LayerNormGradients) throws {
    try operation.validate()
    if family == .local { return try localLayerNormGradients(operation.backward, operation.weights) }
    // Everything is checked before anything is queued.
    for buffer in operation.buffers { _ = try own(buffer, in: LayerNormGradients.name) }
    try layerNormWeightGradient(operation.weights)
    try layerNormBackward(operation.backward)
  }
}
