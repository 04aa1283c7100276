import Compute

/// What the blocks of a model keep of a forward, from least to most.
enum ActivationStorage: Int, Comparable {
  /// Nothing. All blocks share their buffers, and two residual streams take turns.
  case nothing
  /// Each block's input. Everything else is in shared buffers; the backward computes it again, block by block
  /// (Chen et al. 2016). The bits are the same.
  case inputs
  /// Everything that the backward reads.
  case everything

  static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

/// What a block keeps of its forward for its backward.
struct BlockActivations {
  /// [rows, d_model]: the block's input.
  var residPre: Matrix
  var normalised1: Matrix
  /// [rows, 2]
  var statistics1: Matrix
  /// [rows, 3·d_model]: queries, keys, values.
  var qkv: Matrix
  /// Set if queries and keys are normalised.
  var headNorms: HeadNormActivations?
  /// [keys, 2·heads·d_head]: the keys and values of every sequence, if rows are shared and keys are rotated.
  var sharedKeys: Matrix?
  var z: Matrix
  /// [rows, heads]
  var logSumExp: Matrix
  /// Set if the outputs of branches are normalised.
  var outputNorms: OutputNormActivations?
  var residMid: Matrix
  var normalised2: Matrix
  var statistics2: Matrix
  /// [rows, d_mlp]: the arguments of the activation. If the MLP is gated, [rows, 2·d_mlp]: the factors follow them.
  var preActivation: Matrix
  /// [rows, d_mlp]
  var postActivation: Matrix
}

extension BlockActivations {
  /// [keys, 2·heads·d_head]: the keys and values that attention reads, in the rows that ``Batch/keyRows(_:)`` says.
  func keys(of batch: Batch) -> Matrix {
    let ownKeys = qkv.columns(z.columns..<3 * z.columns)
    return batch.shared == nil ? ownKeys : sharedKeys ?? ownKeys
  }
}

/// The buffers of a forward and a backward, sized for the largest batch so far.
final class Activations {
  let capacity: BatchCapacity
  var storage: ActivationStorage { capacity.storage }
  /// Whether all blocks compute in the same buffers, so that a backward has to bring back what it reads.
  var sharesBuffers: Bool { storage != .everything || halves != nil }
  /// If blocks share buffers, the block whose activations these hold: the last whose heads were computed, or whose activations were brought back.
  var held: Int?
  /// The additional buffers for batches of distinct rows.
  let shared: SharedActivations?
  let blocks: [BlockActivations]
  /// Set if the blocks keep their activations in half precision.
  let halves: HalfActivations?
  /// [rows, d_model]: the output of the last block at output rows.
  let residFinal: Matrix
  let normalisedFinal: Matrix
  let statisticsFinal: Matrix
  /// [output rows, vocabulary]
  let logits: Matrix
  let rowLoss: Matrix
  let rowCorrect: Matrix
  /// The last block's input, normalised input and queries at output rows.
  let residPreOutput: Matrix
  let normalised1Output: Matrix
  let queryOutput: Matrix
  /// [rows, heads·d_head]: those queries before their norm, if they are normalised.
  let queryOutputArgument: Matrix?
  /// [rows, d_model]: the output of a branch that cannot be added to the residual stream at once.
  let branch: Matrix

  init(_ configuration: ModelConfiguration, _ capacity: BatchCapacity, on memory: any BufferMaking) throws {
    let storage = capacity.storage
    func matrix(_ columns: Int) throws -> Matrix {
      Matrix(try memory.makeBuffer(count: capacity.rows.saturatingProduct(with: columns)), columns: columns)
    }
    let d = configuration.dModel
    func block(_ spec: BlockSpec, residPre: Matrix) throws -> BlockActivations {
      let width = spec.attention.width
      return BlockActivations(
        residPre: residPre, normalised1: try matrix(d), statistics1: try matrix(2),
        qkv: try matrix(3 * width),
        headNorms: spec.attention.normalisesQueriesAndKeys
          ? HeadNormActivations(
            arguments: try matrix(2 * width), statistics: try matrix(4 * spec.attention.heads))
          : nil,
        sharedKeys: configuration.copiesSharedKeys
          ? try capacity.sharedKeys(2 * width, on: memory) : nil,
        z: try matrix(width), logSumExp: try matrix(spec.attention.heads),
        outputNorms: spec.normalisesBranches
          ? OutputNormActivations(
            attention: NormArgument(values: try matrix(d), statistics: try matrix(2)),
            mlp: NormArgument(values: try matrix(d), statistics: try matrix(2))) : nil,
        residMid: try matrix(d),
        normalised2: try matrix(d), statistics2: try matrix(2),
        preActivation: try matrix(spec.mlp.inputWidth),
        postActivation: try matrix(spec.mlp.width))
    }
    let specs = configuration.blocks
    if storage == .everything, capacity.format == nil {
      blocks = try specs.map { try block($0, residPre: matrix(d)) }
    } else {
      // All other buffers of a block are reused by the next block.
      let one = try block(specs[0], residPre: matrix(d))
      let count = storage == .inputs ? configuration.layers : 2
      let streams = try [one.residPre] + (1..<count).map { _ in try matrix(d) }
      blocks = try (0..<configuration.layers).map { layer in
        var block = one
        block.residPre = streams[layer % count]
        if capacity.format != nil {
          // These stay in single precision: they are few, and the norms whose they are do not run again.
          block.headNorms?.statistics = try matrix(4 * specs[layer].attention.heads)
          block.outputNorms?.attention.statistics = try matrix(2)
          block.outputNorms?.mlp.statistics = try matrix(2)
        }
        return block
      }
    }
    let blocks = blocks
    halves = try capacity.format.map {
      try HalfActivations(blocks, configuration.block.arrangement, $0, on: memory)
    }
    self.capacity = capacity
    shared =
      capacity.sharesInputs
      ? SharedActivations(inputs: try matrix(d), firstQuery: try matrix(configuration.attentionWidth)) : nil
    residFinal = try matrix(d)
    normalisedFinal = try matrix(d)
    statisticsFinal = try matrix(2)
    let vocabulary = configuration.vocabulary
    logits = Matrix(
      try memory.makeBuffer(count: capacity.outputRows.saturatingProduct(with: vocabulary)),
      columns: vocabulary)
    rowLoss = try matrix(1)
    rowCorrect = try matrix(1)
    residPreOutput = try matrix(d)
    normalised1Output = try matrix(d)
    queryOutput = try matrix(configuration.attentionWidth)
    queryOutputArgument =
      configuration.architecture.normalisesQueriesAndKeys ? try matrix(configuration.attentionWidth) : nil
    branch = try matrix(d)
  }
}

/// The additional buffers of the first block, if rows are distinct.
struct SharedActivations {
  /// [inputs, d_model]: the embeddings.
  let inputs: Matrix
  /// [rows, heads·d_head]: queries.
  let firstQuery: Matrix
}

extension BlockActivations {
  /// [rows, d_mlp]: the arguments of the activation.
  func gateInput(_ spec: MLPSpec) -> Matrix { preActivation.columns(0..<spec.width) }

  /// [rows, d_mlp]: the factors of a gated MLP; nil for others.
  func gateFactor(_ spec: MLPSpec) -> Matrix? {
    spec.inputWidth == spec.width ? nil : preActivation.columns(spec.width..<spec.inputWidth)
  }
}

extension Activations {
  /// What the norm of a block's MLP reads, at the rows after the block's keys and values.
  func mlpInput(_ layer: Int, _ arrangement: BlockSpec.Arrangement, narrows: Bool) -> Matrix {
    switch arrangement {
    case .sequential: blocks[layer].residMid
    case .parallel: narrows ? residPreOutput : blocks[layer].residPre
    }
  }

  /// The residual stream after a block.
  func output(ofBlock layer: Int) -> Matrix {
    layer + 1 < blocks.count ? blocks[layer + 1].residPre : residFinal
  }
}

/// The buffers that only a backward needs.
final class Gradients {
  /// What is stored of the forward is its own matter.
  let capacity: BatchCapacity
  /// The additional buffers for batches of distinct rows.
  let shared: SharedGradients?
  /// [keys, 2·heads·d_head]: of the keys and values of every sequence, if rows are shared.
  let sharedKeys: Matrix?
  /// [rows, d_model]: the gradient of the residual stream, above and then below what is being differentiated.
  let resid: Matrix
  let residMid: Matrix
  /// The gradient of a branch's output, if a hook reads it.
  let branch: Matrix
  let normalised: Matrix
  let z: Matrix
  let qkv: Matrix
  /// [rows, d_mlp], or [rows, 2·d_mlp] if the MLP is gated.
  let preActivation: Matrix
  /// [rows, d_mlp]: the gradient of the hidden layer, if the MLP is gated.
  let hidden: Matrix?
  let queryOutput: Matrix
  let normalised1Output: Matrix
  /// [output rows, vocabulary]
  let logits: Matrix
  /// [output rows, vocabulary]: the gradient of logits before their cap, if they have one.
  let uncappedLogits: Matrix?
  /// [rows, d_model]: the gradient of what the norm of a branch's output reads, if branches have one.
  let projected: Matrix?

  init(_ configuration: ModelConfiguration, _ capacity: BatchCapacity, on memory: any BufferMaking) throws {
    func matrix(_ columns: Int) throws -> Matrix {
      Matrix(try memory.makeBuffer(count: capacity.rows.saturatingProduct(with: columns)), columns: columns)
    }
    func logitMatrix() throws -> Matrix {
      let count = capacity.outputRows.saturatingProduct(with: configuration.vocabulary)
      return Matrix(try memory.makeBuffer(count: count), columns: configuration.vocabulary)
    }
    let (d, width, mlp) = (configuration.dModel, configuration.attentionWidth, configuration.block.mlp)
    self.capacity = capacity
    shared =
      capacity.sharesInputs
      ? SharedGradients(firstQuery: try matrix(width), inputs: try matrix(d)) : nil
    sharedKeys = try capacity.sharedKeys(2 * width, on: memory)
    resid = try matrix(d)
    residMid = try matrix(d)
    branch = try matrix(d)
    normalised = try matrix(d)
    z = try matrix(width)
    qkv = try matrix(3 * width)
    preActivation = try matrix(mlp.inputWidth)
    hidden = mlp.inputWidth == mlp.width ? nil : try matrix(mlp.width)
    queryOutput = try matrix(width)
    normalised1Output = try matrix(d)
    logits = try logitMatrix()
    uncappedLogits = configuration.architecture.logitCap == nil ? nil : try logitMatrix()
    projected = configuration.architecture.normalisesBranches ? try matrix(d) : nil
  }
}

extension BatchCapacity {
  /// [keys, columns]; nil if rows are not shared.
  fileprivate func sharedKeys(_ columns: Int, on memory: any BufferMaking) throws -> Matrix? {
    guard keyRows > 0 else { return nil }
    return Matrix(try memory.makeBuffer(count: keyRows.saturatingProduct(with: columns)), columns: columns)
  }
}

/// The gradients of distinct rows.
struct SharedGradients {
  /// [rows, heads·d_head]: of the first block's queries.
  let firstQuery: Matrix
  /// [inputs, d_model]: of the residual stream, summed over the rows of each input.
  let inputs: Matrix
}
