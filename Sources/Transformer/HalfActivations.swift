import Compute
import HalfPrecision

// Activations that wait for the backward in half precision. All blocks compute in the same buffers, in single precision; what the
// backward of a block needs is rounded to half precision before the next block takes the buffers, and comes back before
// its backward. The outputs of norms and activations are not kept but computed again (as in Korthikanti et al. 2022). The last
// block's activations are still in the buffers when the backward begins, and are not rounded.

extension BlockActivations {
  /// The rows that a matrix has in a batch.
  fileprivate enum Rows { case entering, own, keys }

  /// The matrices that are kept in half precision.
  fileprivate var halved: [(matrix: Matrix, rows: Rows)] {
    var kept: [(Matrix, Rows)] = [
      (residPre, .own), (qkv, .entering), (z, .own), (residMid, .own), (preActivation, .own),
    ]
    if let sharedKeys { kept.append((sharedKeys, .keys)) }
    if let headNorms { kept.append((headNorms.arguments, .entering)) }
    if let outputNorms { kept += [(outputNorms.attention.values, .own), (outputNorms.mlp.values, .own)] }
    return kept
  }
}

/// The buffers for what the blocks before the last keep.
struct HalfActivations {
  /// For each of them, in the order of ``BlockActivations/halved``.
  fileprivate let blocks: [[HalfMatrix]]

  /// - Throws: `ComputeError.outOfMemory`.
  init(_ blocks: [BlockActivations], _ format: HalfFormat, on memory: any BufferMaking) throws {
    self.blocks = try blocks.dropLast().map { block in
      try block.halved.map { kept in
        let words = try memory.makeBuffer(count: (kept.matrix.buffer.count + 1) / 2, .int32)
        return HalfMatrix(words, format, columns: kept.matrix.columns)
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
    try normaliseMLPInput(layer)
    try activate(layer)
    activations.held = layer
  }

  private func forEachHalf(_ layer: Int, _ body: (Matrix, HalfMatrix, _ count: Int) throws -> Void) throws {
    guard let halves = activations.halves, layer < halves.blocks.count else { return }
    for (kept, half) in zip(activations.blocks[layer].halved, halves.blocks[layer]) {
      let count =
        switch kept.rows {
        case .entering: batch.rows(entering: layer).extent
        case .own: batch.rows.extent
        case .keys: batch.keyExtent
        }
      try body(kept.matrix, half, count)
    }
  }
}
