/// A tensor as checkpoints name it, and how it is cut out of the flat parameters.
package struct NamedTensor: Sendable {
  /// TransformerLens's name.
  package var name: String
  package var shape: [Int]
  /// Element (i, j, k) of the named tensor (row-major over `shape`) is
  /// `parameters[offset + i·strides[0] + j·strides[1] + …]`.
  var offset: Int
  var strides: [Int]

  /// Copies the tensor out of one model's flat parameters (or gradients).
  package func extract(from parameters: [Float]) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(shape.reduce(1, *))
    forEachOffset { values.append(parameters[$0]) }
    return values
  }

  /// Copies values into one model's flat parameters.
  package func insert(_ values: [Float], into parameters: inout [Float]) {
    var next = 0
    forEachOffset {
      parameters[$0] = values[next]
      next += 1
    }
  }

  private func forEachOffset(_ body: (Int) -> Void) {
    let (outer, middle, inner) = (
      shape.count > 2 ? shape[0] : 1, shape.count > 1 ? shape[shape.count - 2] : 1, shape[shape.count - 1]
    )
    let outerStride = shape.count > 2 ? strides[0] : 0
    let middleStride = shape.count > 1 ? strides[shape.count - 2] : 0
    let innerStride = strides[shape.count - 1]
    for i in 0..<outer {
      for j in 0..<middle {
        for k in 0..<inner { body(offset + i * outerStride + j * middleStride + k * innerStride) }
      }
    }
  }
}

extension ParameterLayout {
  /// Every tensor under its TransformerLens name, in the order of the forward pass.
  package var namedTensors: [NamedTensor] {
    let (d, heads, dHead) = (configuration.dModel, configuration.heads, configuration.dHead)
    func matrix(_ name: String, _ tensor: Tensor) -> NamedTensor {
      NamedTensor(
        name: name, shape: [tensor.rows, tensor.columns], offset: tensor.offset,
        strides: [tensor.columns, 1])
    }
    func vector(_ name: String, _ tensor: Tensor) -> NamedTensor {
      NamedTensor(name: name, shape: [tensor.columns], offset: tensor.offset, strides: [1])
    }
    var tensors = [matrix("embed.W_E", embedding)]
    if let positions { tensors.append(matrix("pos_embed.W_pos", positions)) }
    for (layer, block) in blocks.enumerated() {
      let prefix = "blocks.\(layer)."
      tensors += [vector(prefix + "ln1.w", block.ln1Weight), vector(prefix + "ln1.b", block.ln1Bias)]
      for (index, letter) in ["Q", "K", "V"].enumerated() {
        tensors.append(
          NamedTensor(
            name: prefix + "attn.W_\(letter)", shape: [heads, d, dHead],
            offset: block.qkvWeight.offset + index * d, strides: [dHead, 3 * d, 1]))
        tensors.append(
          NamedTensor(
            name: prefix + "attn.b_\(letter)", shape: [heads, dHead],
            offset: block.qkvBias.offset + index * d, strides: [dHead, 1]))
      }
      tensors += [
        NamedTensor(
          name: prefix + "attn.W_O", shape: [heads, dHead, d], offset: block.outputWeight.offset,
          strides: [dHead * d, d, 1]),
        vector(prefix + "attn.b_O", block.outputBias),
        vector(prefix + "ln2.w", block.ln2Weight), vector(prefix + "ln2.b", block.ln2Bias),
        matrix(prefix + "mlp.W_in", block.mlpInWeight), vector(prefix + "mlp.b_in", block.mlpInBias),
        matrix(prefix + "mlp.W_out", block.mlpOutWeight), vector(prefix + "mlp.b_out", block.mlpOutBias),
      ]
    }
    return tensors + [
      vector("ln_final.w", lnFinalWeight), vector("ln_final.b", lnFinalBias),
      matrix("unembed.W_U", unembedding), vector("unembed.b_U", unembeddingBias),
    ]
  }
}
