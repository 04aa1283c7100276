import Compute

extension CPUDevice {
  package func segmentNorms(_ operation: SegmentNorms) throws {
    try operation.validate()
    let x = try floats(operation.input, in: SegmentNorms.name)
    let y = try floats(operation.output, in: SegmentNorms.name)
    let segments = operation.segments
    pool.run(segments.count) { task, _ in
      let segment = segments[task]
      var total: Float = 0
      for row in 0..<segment.rows {
        total += kernels.squaredSum(x + segment.offset + row * segment.stride, segment.columns)
      }
      y[task] = total.squareRoot()
    }
  }
}
