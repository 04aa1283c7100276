import CPUKernelTable
import Compute

extension CPUDevice {
  package func segmentNorms(_ operation: SegmentNorms) throws {
    try operation.validate()
    let x = try floats(operation.input, in: SegmentNorms.name)
    let y = try floats(operation.output, in: SegmentNorms.name)
    let segments = operation.segments
    pool.run(segments.count) { task, _ in
      let segment = segments[task]
      y[task] = kernels.norm(
        RowSpan(
          base: x + segment.offset, stride: segment.stride, rows: segment.rows, columns: segment.columns))
    }
  }
}
