import Compute

extension ParameterLayout {
  /// The tensors to which weight decay applies: weight matrices and embeddings, as is common for transformers. Biases
  /// and norms do not decay.
  package var decayed: [Tensor] {
    let matrices = blocks.flatMap { block in
      [
        block.attention.queryKeyValue.weight, block.attention.output.weight, block.mlp.input.weight,
        block.mlp.output.weight,
      ]
    }
    return [embedding] + (positions.map { [$0] } ?? []) + matrices + (unembedding.map { [$0.weight] } ?? [])
  }
}

/// Which parameters decay, in the form that Adam takes: for each run of sixteen parameters, 1 or 0.
struct DecayWeights {
  /// float32 [⌈elements of the group / 16⌉], one for each group of the parameters.
  let buffers: [any Buffer]

  /// Allocates the buffers, filled with zeros.
  init(_ store: ParameterStore, on memory: any BufferMaking) throws {
    buffers = try store.groups.map { try memory.makeBuffer(count: Self.runs($0.count)) }
  }

  /// Writes the weights.
  func fill(_ store: ParameterStore, on device: any Device) throws {
    let decayed = store.layout.decayed.map(\.range)
    for (group, buffer) in zip(store.groups, buffers) {
      var weights = [Float](repeating: 0, count: Self.runs(group.count))
      // Every tensor begins with a run, so no run has elements of two tensors.
      for range in decayed where group.contains(range.lowerBound) {
        let first = (range.lowerBound - group.lowerBound) / Adam.decayRun
        for run in first..<first + Self.runs(range.count) { weights[run] = 1 }
      }
      try device.write(weights, to: buffer, at: 0)
    }
  }

  private static func runs(_ elements: Int) -> Int { (elements + Adam.decayRun - 1) / Adam.decayRun }
}
