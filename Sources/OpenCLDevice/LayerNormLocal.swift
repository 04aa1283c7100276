import Compute
import Kernels

/// The gradients of a layer normalisation on GPUs: launches Kernels/layer_norm_gradients_local.cl.
extension OpenCLDevice {
  /// One launch for the gradients of a norm's input, of its parameters, or of both, which have the same operands then. The
  /// sums of the parameters' chunks wait.
  func localLayerNormGradients(_ backward: LayerNormBackward?, _ weights: LayerNormWeightGradient?) throws {
    guard let rows = backward?.rows ?? weights?.rows, let input = backward?.input ?? weights?.input,
      let statistics = backward?.statistics ?? weights?.statistics,
      let outputGradient = backward?.outputGradient ?? weights?.outputGradient
    else { return }
    let (file, width) = (KernelSources.layerNormGradientsLocal, input.columns)
    let name =
      switch (backward, weights) {
      case (nil, _): LayerNormWeightGradient.name
      case (_, nil): LayerNormBackward.name
      default: LayerNormGradients.name
      }
    let parameters = [weights?.weightGradient, weights?.biasGradient].compactMap { $0 }
    let built = try built(file)
    let (values, local) = (built.values, built.workGroup)
    let tiles = try backward.map { _ in try self.tiles(rows, height: values["GROUP_ROWS"]) }
    let chunks = try weights.map { _ in try self.chunks(rows, of: .models, height: values["SPLIT_ROWS"]) }
    let partials = try chunks.map {
      try self.partials(count: $0.list.count * 2 * width, of: parameters, in: name)
    }

    var arguments = KernelArguments(self, name)
    try arguments.matrix(input)
    try arguments.matrix(statistics)
    try arguments.matrix(outputGradient)
    try arguments.vector(backward?.weight)
    arguments.flag(backward?.kind == .layer)
    arguments.flag(backward?.rule == .relevance)
    try arguments.matrix(backward?.residualGradient)
    arguments.flag(backward?.residualGradient != nil)
    try arguments.matrix(backward?.inputGradient)
    try arguments.list(tiles)
    try arguments.partial(
      vector: partials.map {
        Parameter($0.buffer, rows: 1, columns: width, offset: $0.offset, modelStride: 2 * width)
      },
      of: weights?.weightGradient)
    try arguments.list(chunks?.list)
    try arguments.int(width)
    let columnGroups = blocks(width, of: local.count)
    let groups = (tiles?.count ?? 0) + (chunks?.list.count ?? 0) * columnGroups
    try launch(built.kernel(LayerNormGradients.name), arguments, groups: Grid(groups, 1), local: local)
    guard let chunks, let partials else { return }
    try wait(for: parameters, chunks, at: partials.offset, in: name)
  }
}
