import Compute
import Kernels

/// Norms of segments: launches Kernels/segment_norms.cl or Kernels/segment_norms_local.cl.
extension OpenCLDevice {
  package func segmentNorms(_ operation: SegmentNorms) throws {
    try operation.validate()
    guard !operation.segments.isEmpty else { return }
    let segments = try upload(
      operation.segments.flatMap { [$0.offset, $0.rows, $0.columns, $0.stride].map(Int64.init) }, .int32)
    if family == .local { return try localSegmentNorms(operation, segments) }
    var arguments = KernelArguments(self, SegmentNorms.name)
    try arguments.buffer(operation.input)
    try arguments.buffer(segments)
    try arguments.int(operation.segments.count)
    try arguments.buffer(operation.output)
    try launch(kernel(.segmentNorms, "segment_norms"), arguments, global: Grid(operation.segments.count))
  }

  /// Two launches: first the chunks of all segments, then their sums.
  private func localSegmentNorms(_ operation: SegmentNorms, _ segments: OpenCLBuffer) throws {
    let file = KernelSources.segmentNormsLocal
    let built = try built(file)
    let values = built.values
    var chunks: [SIMD4<Int>] = []
    var spans: [SIMD4<Int>] = []
    for (index, segment) in operation.segments.enumerated() {
      let count = blocks(segment.rows * segment.columns, of: values["CHUNK"])
      spans.append(SIMD4(index, chunks.count, count, 0))
      chunks += (0..<count).map { SIMD4(index, $0, 0, 0) }
    }
    let chunkList = try DeviceList(self, chunks, in: SegmentNorms.name)
    let spanList = try DeviceList(self, spans, in: SegmentNorms.name)
    let partials = try scratch(count: max(chunks.count, 1))
    var arguments = KernelArguments(self, SegmentNorms.name)
    try arguments.buffer(operation.input)
    try arguments.buffer(segments)
    try arguments.list(chunkList)
    try arguments.buffer(partials)
    var sums = KernelArguments(self, SegmentNorms.name)
    try sums.buffer(partials)
    try sums.list(spanList)
    try sums.buffer(operation.output)
    // Both kernels and their arguments are checked before the first launch is queued.
    let (sum, local) = (try built.kernel("segment_norms_sum"), Grid(values["LANES"]))
    try launch(built.kernel(SegmentNorms.name), arguments, groups: Grid(chunks.count), local: local)
    try launch(sum, sums, groups: Grid(spans.count), local: local)
  }
}
