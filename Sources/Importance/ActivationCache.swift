import Compute
import Transformer

/// Every component's output in one forward over a batch: a source to patch from.
///
/// Rows are those of the batch at each hook, so a cache fits batches of the same sequence lengths, targets
/// and row selection.
package final class ActivationCache {
  let matrices: [HookPoint: Matrix]
  private let batch: Batch
  private let device: any Device

  private init(matrices: [HookPoint: Matrix], batch: Batch, device: any Device) {
    self.matrices = matrices
    self.batch = batch
    self.device = device
  }

  /// Runs the batch and keeps z and the MLP's output of every layer.
  package convenience init(_ transformer: Transformer, _ batch: Batch) throws {
    var matrices: [HookPoint: Matrix] = [:]
    let points = Set((0..<transformer.configuration.layers).flatMap { [HookPoint.z($0), .mlpOut($0)] })
    let device = transformer.device
    try transformer.forward(
      batch,
      hooks: Hooks(points: points) { point, matrix, rows in
        let count = rows.extent * matrix.columns
        let kept = try device.makeBuffer(count: count)
        try device.copy(from: matrix.buffer, matrix.offset..<matrix.offset + count, to: kept, at: 0)
        matrices[point] = Matrix(kept, columns: matrix.columns)
      })
    self.init(matrices: matrices, batch: batch, device: device)
  }

  /// The same activations with sequences exchanged within each lane: sequence i of a lane gets those of
  /// sequence `order[i]`, which must have as many rows.
  package func exchangingSequences(_ order: [Int]) throws -> ActivationCache {
    func indices(_ ranges: [[Range<Int>]]) throws -> [Int32] {
      try ranges.flatMap { lane -> [Int32] in
        try lane.indices.flatMap { i -> [Int32] in
          guard order.indices.contains(i), lane.indices.contains(order[i]),
            lane[i].count == lane[order[i]].count
          else { throw ModelError.batch("only sequences of one length can be exchanged") }
          return lane[order[i]].map(Int32.init)
        }
      }
    }
    let all = try indices(batch.sequenceRows)
    let output = try indices(batch.sequenceOutputRows)
    let exchanged = try matrices.mapValues { matrix in
      let order = matrix.buffer.count == all.count * matrix.columns ? all : output
      let result = Matrix(try device.makeBuffer(count: matrix.buffer.count), columns: matrix.columns)
      try device.gatherRows(
        GatherRows(
          input: matrix, indices: try device.makeBuffer(order), output: result, count: order.count))
      return result
    }
    return ActivationCache(matrices: exchanged, batch: batch, device: device)
  }
}
