extension ParameterLayout {
  /// Every tensor with its name in TransformerLens, in the order of the forward pass.
  package var namedTensors: [NamedTensor] {
    let d = configuration.dModel
    func norm(_ name: String, _ norm: Norm) -> [NamedTensor] {
      [.vector(name + ".w", norm.weight)] + vector(name + ".b", norm.bias)
    }
    func vector(_ name: String, _ bias: Tensor?) -> [NamedTensor] { bias.map { [.vector(name, $0)] } ?? [] }
    var tensors = [NamedTensor.matrix("embed.W_E", embedding)]
    if let positions { tensors.append(.matrix("pos_embed.W_pos", positions)) }
    for (layer, block) in blocks.enumerated() {
      let prefix = "blocks.\(layer)."
      let (heads, dHead) = (block.spec.attention.heads, block.spec.attention.headWidth)
      let width = block.spec.attention.width
      let (attention, mlp) = (block.attention, block.mlp)
      tensors += norm(prefix + "ln1", attention.norm)
      for (index, letter) in ["Q", "K", "V"].enumerated() {
        tensors.append(
          NamedTensor(
            name: prefix + "attn.W_\(letter)", shape: [heads, d, dHead],
            offset: attention.queryKeyValue.weight.offset + index * width, strides: [dHead, 3 * width, 1]))
        guard let bias = attention.queryKeyValue.bias else { continue }
        tensors.append(
          NamedTensor(
            name: prefix + "attn.b_\(letter)", shape: [heads, dHead], offset: bias.offset + index * width,
            strides: [dHead, 1]))
      }
      tensors.append(
        NamedTensor(
          name: prefix + "attn.W_O", shape: [heads, dHead, d], offset: attention.output.weight.offset,
          strides: [dHead * d, d, 1]))
      tensors += vector(prefix + "attn.b_O", attention.output.bias)
      tensors += norm(prefix + "ln2", mlp.norm)
      tensors += [.matrix(prefix + "mlp.W_in", mlp.input.weight)]
      tensors += vector(prefix + "mlp.b_in", mlp.input.bias)
      tensors += [.matrix(prefix + "mlp.W_out", mlp.output.weight)]
      tensors += vector(prefix + "mlp.b_out", mlp.output.bias)
    }
    tensors += norm("ln_final", finalNorm)
    guard let unembedding else { return tensors }
    return tensors + [.matrix("unembed.W_U", unembedding.weight)] + vector("unembed.b_U", unembedding.bias)
  }
}
