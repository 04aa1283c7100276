import Compute
import HalfPrecision

/// The parameters of every model of an ensemble on a device, or their gradients or moments. Neighbouring
/// tensors share a buffer as long as it stays small enough for the device. Small models have a single buffer.
package final class ParameterStore {
  package let layout: ParameterLayout
  package let modelCount: Int
  /// The range of a model's flat parameters that each buffer holds.
  let groups: [Range<Int>]
  /// float32 or half precision [models, elements of the group], one for each group.
  let buffers: [any Buffer]

  /// Allocates the buffers, filled with zeros.
  ///
  /// - Parameters:
  ///   - limit: the number of elements that a buffer may have. A single tensor of all models may exceed it.
  ///   - halves: the tensors to be kept in half precision, by their offsets. Each has a buffer of its own.
  /// - Throws: `ComputeError.outOfMemory`.
  convenience init(
    _ layout: ParameterLayout, models: Int, limit: Int, halves: [Int: HalfFormat] = [:],
    on memory: any BufferMaking
  ) throws {
    try self.init(
      layout, models: models,
      groups: Self.groups(layout, models: models, limit: limit, apart: Set(halves.keys)), halves: halves,
      on: memory)
  }

  /// The number of elements that a buffer may have: at most what the device allows and what 32-bit indices
  /// reach.
  package static func limit(largestAllocation: Int?) -> Int {
    min((largestAllocation ?? .max) / ElementType.float32.byteCount, Int(Int32.max))
  }

  /// - Parameter apart: the offsets of tensors that share their buffers with no other.
  private static func groups(
    _ layout: ParameterLayout, models: Int, limit: Int, apart: Set<Int>
  ) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var start = 0
    for (tensor, next) in zip(layout.tensors, layout.tensors.dropFirst().map(\.offset) + [layout.count])
    where start < tensor.offset
      && (models.saturatingProduct(with: next - start) > limit || apart.contains(tensor.offset)
        || apart.contains(start))
    {
      groups.append(start..<tensor.offset)
      start = tensor.offset
    }
    return groups + [start..<layout.count]
  }

  private init(
    _ layout: ParameterLayout, models: Int, groups: [Range<Int>], halves: [Int: HalfFormat] = [:],
    on memory: any BufferMaking
  ) throws {
    self.layout = layout
    self.groups = groups
    modelCount = models
    buffers = try groups.map { group in
      let count = models.saturatingProduct(with: group.count)
      guard let format = halves[group.lowerBound] else {
        return try memory.makeBuffer(count: count, .float32)
      }
      return try HalfBuffer(count: count, format, on: memory)
    }
  }

  /// A store of some tensors alone, each in a buffer of its own, filled with zeros. Nothing else can be read from it or written to it.
  ///
  /// - Throws: `ComputeError.outOfMemory`.
  convenience init(
    _ layout: ParameterLayout, models: Int, tensors: [ParameterLayout.Tensor], on memory: any BufferMaking
  ) throws {
    try self.init(layout, models: models, groups: tensors.map(\.range), on: memory)
  }

  /// Whether the store has every parameter.
  var isWhole: Bool { groups.reduce(0) { $0 + $1.count } == layout.count }

  /// A store of zeros with the same groups.
  func emptyCopy(on memory: any BufferMaking) throws -> ParameterStore {
    try ParameterStore(layout, models: modelCount, groups: groups, on: memory)
  }

  /// The values of some models in the given order, copied within the device.
  func keeping(_ models: [Int], on device: any Device) throws -> ParameterStore {
    let kept = try ParameterStore(layout, models: models.count, groups: groups, on: device)
    for (group, (source, target)) in zip(groups, zip(buffers, kept.buffers)) {
      for (place, model) in models.enumerated() {
        try device.copy(
          from: source, model * group.count..<(model + 1) * group.count, to: target, at: place * group.count)
      }
    }
    return kept
  }
}

extension ParameterStore {
  /// One tensor of every model, in the form that operations take.
  func parameter(_ tensor: ParameterLayout.Tensor) -> Parameter {
    let group = group(of: tensor.offset)
    return Parameter(
      buffers[group], rows: tensor.rows, columns: tensor.columns,
      offset: tensor.offset - groups[group].lowerBound, modelStride: groups[group].count)
  }

  /// Replaces the flat parameters of one model.
  func write(_ values: [Float], toModel model: Int, on device: any Device) throws {
    guard values.count == layout.count else {
      throw ModelError.configuration("the parameters don't fit the configuration")
    }
    guard groups.count > 1 else { return try device.write(values, to: buffers[0], at: model * layout.count) }
    for (group, buffer) in zip(groups, buffers) {
      try device.write(Array(values[group]), to: buffer, at: model * group.count)
    }
  }

  /// Replaces some of the flat parameters of one model.
  ///
  /// - Parameter first: The index of the first of them among the model's parameters.
  package func write(_ values: [Float], from first: Int, toModel model: Int, on device: any Device) throws {
    let range = first..<first + values.count
    guard (0...layout.count).contains(range.upperBound), first >= 0 else {
      throw ModelError.configuration("the parameters don't fit the configuration")
    }
    for (group, buffer) in zip(groups, buffers) {
      let part = group.clamped(to: range)
      guard !part.isEmpty else { continue }
      try device.write(
        part == range ? values : Array(values[part.lowerBound - first..<part.upperBound - first]), to: buffer,
        at: model * group.count + part.lowerBound - group.lowerBound)
    }
  }

  /// Replaces a tensor of the first model.
  ///
  /// - Parameter make: receives memory for its elements, with any content, and sets every byte: float32, or numbers of 2 bytes
  ///   if the tensor is kept in half precision.
  /// - Throws: what `make` and the device throw.
  func fill(
    _ tensor: ParameterLayout.Tensor, with filling: inout BufferFilling, on device: any Device,
    _ make: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    let group = group(of: tensor.offset)
    precondition(groups[group].contains(tensor.offset), "the store does not have the tensor")
    if let half = buffers[group] as? HalfBuffer {
      // Tensors of half precision have an even number of elements.
      try filling.fill(half.words, 0..<tensor.count / 2, on: device, make)
    } else {
      let first = tensor.offset - groups[group].lowerBound
      try filling.fill(buffers[group], first..<first + tensor.count, on: device, make)
    }
  }

  /// The number of parameters that are handed over at once: 4 MiB.
  package static let pieceSize = 1 << 20

  /// Hands over the flat parameters of one model in order, a piece at a time, so that they need not be in the host's
  /// memory as a whole.
  package func forEachPiece(
    ofModel model: Int, on device: any Device, _ take: ([Float]) throws -> Void
  ) throws {
    for (group, buffer) in zip(groups, buffers) {
      for begin in stride(from: 0, to: group.count, by: Self.pieceSize) {
        let end = min(group.count, begin + Self.pieceSize)
        try take(device.read(buffer, model * group.count + begin..<model * group.count + end))
      }
    }
  }

  /// The flat parameters of one model.
  package func read(ofModel model: Int, on device: any Device) throws -> [Float] {
    guard groups.count > 1 else {
      return try device.read(buffers[0], model * layout.count..<(model + 1) * layout.count)
    }
    var values: [Float] = []
    values.reserveCapacity(layout.count)
    for (group, buffer) in zip(groups, buffers) {
      values += try device.read(buffer, model * group.count..<(model + 1) * group.count)
    }
    return values
  }

  /// A part of a model's flat parameters that lies within one tensor, with the full precision of the device.
  package func readDoubles(_ range: Range<Int>, ofModel model: Int = 0, on device: any Device) throws
    -> [Double]
  {
    let group = group(of: range.lowerBound)
    let first = model * groups[group].count + range.lowerBound - groups[group].lowerBound
    return try device.readDoubles(buffers[group], first..<first + range.count)
  }

  /// A block of one model's parameters within one tensor. Its offset is counted in the model's flat
  /// parameters.
  package struct ModelSegment {
    package var model: Int
    package var segment: Segment

    package init(_ segment: Segment, ofModel model: Int = 0) {
      self.segment = segment
      self.model = model
    }
  }

  /// Queues the computation of the Frobenius norms of blocks.
  ///
  /// - Parameter output: float32; receives one norm for each block.
  package func norms(
    of blocks: [ModelSegment], into output: any Buffer, on device: any Device
  ) throws {
    let places = blocks.map { group(of: $0.segment.offset) }
    func segments(_ group: Int) -> [Segment] {
      zip(blocks, places).filter { $0.1 == group }.map { block, _ in
        var segment = block.segment
        segment.offset += block.model * groups[group].count - groups[group].lowerBound
        return segment
      }
    }
    guard groups.count > 1 else {
      return try device.segmentNorms(
        SegmentNorms(input: buffers[0], segments: segments(0), output: output))
    }
    for group in groups.indices {
      let segments = segments(group)
      guard !segments.isEmpty else { continue }
      let found = try device.makeBuffer(count: segments.count)
      try device.segmentNorms(SegmentNorms(input: buffers[group], segments: segments, output: found))
      for (index, block) in places.indices.filter({ places[$0] == group }).enumerated() {
        try device.copy(from: found, index..<index + 1, to: output, at: block)
      }
    }
  }

  private func group(of offset: Int) -> Int {
    groups.count == 1 ? 0 : groups.firstIndex { $0.contains(offset) } ?? 0
  }
}

extension Int {
  /// The product, or `Int.max` if it overflows.
  package func saturatingProduct(with other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
