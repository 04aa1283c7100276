/// A tensor of a checkpoint: its name, and where its elements are in the flat parameters.
package struct NamedTensor: Sendable {
  /// The name in TransformerLens.
  package var name: String
  package var shape: [Int]
  /// Element (i, j, k) of the named tensor (row-major over `shape`) is
  /// `parameters[offset + i·strides[0] + j·strides[1] + …]`.
  var offset: Int
  var strides: [Int]

  /// Copies the tensor from one model's flat parameters (or gradients).
  package func extract(from parameters: [Float]) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(shape.reduce(1, *))
    forEachOffset { values.append(parameters[$0]) }
    return values
  }

  /// Copies values into one model's flat parameters.
  ///
  /// - Parameters:
  ///   - values: some of the tensor's elements in row-major order, or all of them.
  ///   - first: the index in the tensor of the first of these elements.
  package func insert(_ values: [Float], from first: Int = 0, into parameters: inout [Float]) {
    let columns = shape[shape.count - 1]
    let columnStride = strides[shape.count - 1]
    var next = 0
    while next < values.count {
      // The number of elements left in the row, or fewer if the values end.
      let (row, column) = (first + next).quotientAndRemainder(dividingBy: columns)
      let count = min(columns - column, values.count - next)
      let start = rowOffset(row) + column * columnStride
      for index in 0..<count { parameters[start + index * columnStride] = values[next + index] }
      next += count
    }
  }

  /// The offset of a row, counted in row-major order.
  private func rowOffset(_ row: Int) -> Int {
    switch shape.count {
    case 1: return offset
    case 2: return offset + row * strides[0]
    default:
      let (outer, middle) = row.quotientAndRemainder(dividingBy: shape[1])
      return offset + outer * strides[0] + middle * strides[1]
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
  /// Every tensor with its name in TransformerLens, in the order of the forward pass.
  package var namedTensors: [NamedTensor] {
    let d = configuration.dModel
    func matrix(_ name: String, _ tensor: Tensor) -> NamedTensor {
      NamedTensor(
        name: name, shape: [tensor.rows, tensor.columns], offset: tensor.offset,
        strides: [tensor.columns, 1])
    }
    func vector(_ name: String, _ tensor: Tensor) -> NamedTensor {
      NamedTensor(name: name, shape: [tensor.columns], offset: tensor.offset, strides: [1])
    }
    func norm(_ name: String, _ norm: Norm) -> [NamedTensor] {
      [vector(name + ".w", norm.weight), vector(name + ".b", norm.bias)]
    }
    var tensors = [matrix("embed.W_E", embedding)]
    if let positions { tensors.append(matrix("pos_embed.W_pos", positions)) }
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
        tensors.append(
          NamedTensor(
            name: prefix + "attn.b_\(letter)", shape: [heads, dHead],
            offset: attention.queryKeyValue.bias.offset + index * width, strides: [dHead, 1]))
      }
      tensors.append(
        NamedTensor(
          name: prefix + "attn.W_O", shape: [heads, dHead, d], offset: attention.output.weight.offset,
          strides: [dHead * d, d, 1]))
      tensors.append(vector(prefix + "attn.b_O", attention.output.bias))
      tensors += norm(prefix + "ln2", mlp.norm)
      tensors += [
        matrix(prefix + "mlp.W_in", mlp.input.weight), vector(prefix + "mlp.b_in", mlp.input.bias),
        matrix(prefix + "mlp.W_out", mlp.output.weight), vector(prefix + "mlp.b_out", mlp.output.bias),
      ]
    }
    return tensors + norm("ln_final", finalNorm) + [
      matrix("unembed.W_U", unembedding.weight), vector("unembed.b_U", unembedding.bias),
    ]
  }
}
