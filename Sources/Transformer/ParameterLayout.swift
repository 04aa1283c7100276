import Compute

/// Where each tensor lies in a model's flat parameters. The query, key and value projections of all heads
/// form one matrix, in which the columns of a head are adjacent.
package struct ParameterLayout: Sendable {
  /// The place of one tensor in the flat parameters.
  package struct Tensor: Equatable, Sendable {
    package var offset: Int
    /// 1 for a vector.
    package var rows: Int
    package var columns: Int

    package var count: Int { rows * columns }
    package var range: Range<Int> { offset..<offset + count }
  }

  /// The gain (`weight`) and shift (`bias`) of a normalisation.
  package struct Norm: Equatable, Sendable {
    package var weight: Tensor
    package var bias: Tensor?
  }

  /// `x·weight [+ bias]`; the weight is [in, out].
  package struct Linear: Equatable, Sendable {
    package var weight: Tensor
    package var bias: Tensor?
  }

  /// The tensors of an attention branch.
  package struct Attention: Sendable {
    package var norm: Norm
    /// [d_model, 3·heads·d_head]: queries, keys, values.
    package var queryKeyValue: Linear
    /// The norms of queries and of keys, [heads·d_head] each: every head has a copy.
    package var headNorms: HeadNorms?
    /// [heads·d_head, d_model]
    package var output: Linear
    /// The norm of the branch's output, if it has one.
    package var outputNorm: Norm?
  }

  /// The gains of the norms of queries and keys.
  package struct HeadNorms: Equatable, Sendable {
    package var query, key: Tensor
  }

  /// The tensors of an MLP branch.
  package struct MLP: Sendable {
    package var norm: Norm
    /// [d_model, d_mlp], or [d_model, 2·d_mlp] if it is gated
    package var input: Linear
    /// [d_mlp, d_model]
    package var output: Linear
    /// The norm of the branch's output, if it has one.
    package var outputNorm: Norm?
  }

  /// The tensors of one block.
  package struct Block: Sendable {
    package let spec: BlockSpec
    package var attention: Attention
    package var mlp: MLP
  }

  package let configuration: ModelConfiguration
  /// [vocabulary, d_model]
  package let embedding: Tensor
  /// [context, d_model], with learned positions
  package let positions: Tensor?
  package let blocks: [Block]
  package let finalNorm: Norm
  /// [d_model, vocabulary]; nil if it is the embedding, transposed.
  package let unembedding: Linear?
  /// All tensors, ordered by their offsets.
  package let tensors: [Tensor]
  /// The number of elements of one model, including padding.
  package let count: Int

  package init(_ configuration: ModelConfiguration) {
    self.configuration = configuration
    var (next, placed): (Int, [Tensor]) = (0, [])
    // Every tensor begins on a cache line. The elements between tensors always stay zero.
    func place(_ rows: Int, _ columns: Int) -> Tensor {
      let tensor = Tensor(offset: next, rows: rows, columns: columns)
      next = (next + tensor.count + 15) / 16 * 16
      placed.append(tensor)
      return tensor
    }
    let architecture = configuration.architecture
    func norm(_ width: Int) -> Norm {
      Norm(weight: place(1, width), bias: architecture.norm == .layer ? place(1, width) : nil)
    }
    func linear(_ rows: Int, _ columns: Int, _ bias: Architecture.Biases) -> Linear {
      Linear(
        weight: place(rows, columns), bias: architecture.biases.contains(bias) ? place(1, columns) : nil)
    }
    let d = configuration.dModel
    embedding = place(configuration.vocabulary, d)
    positions = configuration.positions == .learned ? place(configuration.context, d) : nil
    blocks = configuration.blocks.map { spec in
      let width = spec.attention.width
      return Block(
        spec: spec,
        attention: Attention(
          norm: norm(d), queryKeyValue: linear(d, 3 * width, .queryKeyValue),
          headNorms: spec.attention.normalisesQueriesAndKeys
            ? HeadNorms(query: place(1, width), key: place(1, width)) : nil,
          output: linear(width, d, .attentionOutput), outputNorm: spec.normalisesBranches ? norm(d) : nil),
        mlp: MLP(
          norm: norm(d), input: linear(d, spec.mlp.inputWidth, .mlp),
          output: linear(spec.mlp.width, d, .mlp), outputNorm: spec.normalisesBranches ? norm(d) : nil))
    }
    finalNorm = norm(d)
    unembedding = architecture.isTied ? nil : linear(d, configuration.vocabulary, .unembedding)
    tensors = placed
    count = next
  }

  /// The tensors that gradient scores read: of every block the value projection, with its neighbours, and the second matrix
  /// of the MLP.
  var scoredTensors: [Tensor] {
    blocks.flatMap { [$0.attention.queryKeyValue.weight, $0.mlp.output.weight] }
  }

  /// The part of a layer's projection weight that gives the values of some heads, as a block of the flat
  /// parameters: [d_model, heads·d_head].
  package func valueWeight(_ layer: Int, heads: Range<Int>) -> Segment {
    let (weight, spec) = (blocks[layer].attention.queryKeyValue.weight, blocks[layer].spec.attention)
    return Segment(
      offset: weight.offset + 2 * spec.width + heads.lowerBound * spec.headWidth, rows: weight.rows,
      columns: heads.count * spec.headWidth, stride: weight.columns)
  }
}

extension ParameterLayout.Tensor {
  /// The whole tensor as a block of the flat parameters.
  package var segment: Segment { Segment(offset: offset, rows: rows, columns: columns, stride: columns) }
}
