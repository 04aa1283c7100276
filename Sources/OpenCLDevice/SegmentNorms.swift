import Compute

/// Norms of segments: launches Kernels/segment_norms.cl.
extension OpenCLDevice {
  package func segmentNorms(_ operation: SegmentNorms) throws {
    try operation.validate()
    guard !operation.segments.isEmpty else { return }
    let segments = operation.segments.flatMap { [$0.offset, $0.rows, $0.columns, $0.stride].map(Int64.init) }
    var arguments = KernelArguments(self, SegmentNorms.name)
    try arguments.buffer(operation.input)
    try arguments.buffer(upload(segments, .int32))
    try arguments.int(operation.segments.count)
    try arguments.buffer(operation.output)
    try launch(kernel(.segmentNorms, "segment_norms"), arguments, global: [operation.segments.count])
  }
}
