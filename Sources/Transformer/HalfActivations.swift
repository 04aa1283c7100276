import Compute
import HalfPrecision

// Activations that wait for the backward in half precision. All blocks compute in the same buffers, in single precision; what the
// backward of a block needs is rounded to half precision before the next block takes the buffers, and comes back before
// its backward. What is cheap to compute again is not kept (as in Korthikanti et al. 2022): norms, attention, and the output of the
// activation function. Attention runs again also because its probabilities must be those of the rounded queries and keys, so
// that they sum to 1. The last block's activations are still in the buffers when the backward begins, and are not rounded.

extension BlockActivations {
  /// The rows that a matrix has in a batch.
  fileprivate enum Rows { case input, entering, own, keys }

  /// The matrices that are kept in half precision.
  fileprivate func halved(_ arrangement: BlockSpec.Arrangement) -> [(matrix: Matrix, rows: Rows)] {
    var kept: [(Matrix, Rows)] = [(residPre, .input), (qkv, .entering), (preActivation, .own)]
    // The backward of parallel blocks does not read it.
    if arrangement == .sequential { kept.append((residMid, .own)) }
    if let sharedKeys { kept.append((sharedKeys, .keys)) }
    if let headNorms { kept.append((headNorms.arguments, .entering)) }
    if let outputNorms { kept += [(outputNorms.attention.values, .own), (outputNorms.mlp.values, .own)] }
    return kept
  }
}

/// The buffers for what the blocks before the last keep.
struct HalfActivations {
  fileprivate let arrangement: BlockSpec.Arrangement
  /// For each of them, in the order of ``BlockActivations/halved(_:)``.
  fileprivate let blocks: [[HalfMatrix]]

  /// - Throws: `ComputeError.outOfMemory`.
  init(
    _ blocks: [BlockActivations], _ arrangement: BlockSpec.Arrangement, _ format: HalfFormat,
    on memory: any BufferMaking
  ) throws {
    self.arrangement = arrangement
    self.blocks = try blocks.dropLast().map { block in
      try block.halved(arrangement).map { kept in
        let buffer = try HalfBuffer(count: kept.matrix.buffer.count, format, on: memory)
        return HalfMatrix(buffer.words, format, columns: kept.matrix.columns)
      }
    }
  }
}

extension ForwardPass {
  /// Keeps what the backward of a block needs, before the next block takes its buffers.
  func keepHalves(_ layer: Int) throws {
    try forEachHalf(layer) { matrix, half, count in
      try device.narrow(Narrow(input: matrix, output: half, count: count))
    }
  }

  /// Brings back what the backward of a block needs.
  func restoreHalves(_ layer: Int) throws {
    try forEachHalf(layer) { matrix, half, count in
      try device.widen(Widen(input: half, output: matrix, count: count))
    }
    try normaliseAttentionInput(layer)
    let width = transformer.layout.blocks[layer].spec.attention.width
    let own = activations.blocks[layer].qkv.columns(0..<width)
    try attend(layer, layer == 0 && batch.shared?.inputs != nil ? activations.shared?.firstQuery ?? own : own)
    try normaliseMLPInput(layer)
    try activate(layer)
    activations.held = layer
  }

  private func forEachHalf(_ layer: Int, _ body: (Matrix, HalfMatrix, _ count: Int) throws -> Void) throws {
    guard let halves = activations.halves, layer < halves.blocks.count else { return }
    for (kept, half) in zip(activations.blocks[layer].halved(halves.arrangement), halves.blocks[layer]) {
      let count =
        switch kept.rows {
        case .entering: batch.rows(entering: layer).extent
        case .own: batch.rows.extent
        case .keys: batch.keyExtent
        // The norm of the first block's heads reads distinct inputs, which have a buffer of their own.
        case .input where layer == 0 && batch.shared?.inputs != nil && halves.arrangement == .sequential: 0
        case .input: batch.rows.extent
        }
      if count > 0 { try body(kept.matrix, half, count) }
    }
  }
}
