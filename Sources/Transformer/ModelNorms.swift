import Compute

/// The norm of each model's whole gradient, computed on the device: first the norms of parts of every tensor, then
/// the norms of each model's list of these norms. Both sums have a fixed order. The parts follow from the layout
/// alone, so a model's norm does not depend on its ensemble.
struct ModelNorms {
  /// float32 [models]
  let norms: any Buffer
  /// The most elements of a part.
  private static let partLimit = 4096

  private let models: Int
  /// The parts of one model, one list for each group of the parameters; offsets count from the group's first element.
  private let parts: [[Segment]]
  /// float32 [models, parts]
  private let partNorms: any Buffer
  /// float32 [models, parts of the group], one for each group; empty if there is a single group.
  private let groupNorms: [any Buffer]

  /// - Throws: `ComputeError.outOfMemory`.
  init(_ store: ParameterStore, on memory: any BufferMaking) throws {
    models = store.modelCount
    parts = store.groups.map { group in
      store.layout.tensors.filter { group.contains($0.offset) }.flatMap { tensor in
        stride(from: 0, to: tensor.count, by: Self.partLimit).map { first in
          let columns = min(Self.partLimit, tensor.count - first)
          return Segment(
            offset: tensor.offset - group.lowerBound + first, rows: 1, columns: columns, stride: columns)
        }
      }
    }
    let models = models
    norms = try memory.makeBuffer(count: models)
    partNorms = try memory.makeBuffer(count: models * parts.reduce(0) { $0 + $1.count })
    groupNorms = parts.count == 1 ? [] : try parts.map { try memory.makeBuffer(count: models * $0.count) }
  }

  /// Queues the computation of `norms`.
  func compute(_ gradients: ParameterStore, on device: any Device) throws {
    let total = parts.reduce(0) { $0 + $1.count }
    var place = 0
    for (group, parts) in parts.enumerated() {
      let size = gradients.groups[group].count
      let segments = (0..<models).flatMap { model in
        parts.map { part in
          var segment = part
          segment.offset += model * size
          return segment
        }
      }
      let found = groupNorms.isEmpty ? partNorms : groupNorms[group]
      try device.segmentNorms(
        SegmentNorms(input: gradients.buffers[group], segments: segments, output: found))
      if !groupNorms.isEmpty {
        for model in 0..<models {
          try device.copy(
            from: found, model * parts.count..<(model + 1) * parts.count, to: partNorms,
            at: model * total + place)
        }
      }
      place += parts.count
    }
    try device.segmentNorms(
      SegmentNorms(
        input: partNorms,
        segments: (0..<models).map { Segment(offset: $0 * total, rows: 1, columns: total, stride: total) },
        output: norms))
  }
}
