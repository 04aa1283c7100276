/// A block of rows × columns in a flat buffer.
package struct Segment: Equatable, Sendable {
  package var offset: Int
  package var rows: Int
  package var columns: Int
  package var stride: Int

  package init(offset: Int, rows: Int, columns: Int, stride: Int) {
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }
}

/// `output[i] = √(Σ input²)` over segment i: the Frobenius norms of parts of a gradient. The sum is
/// compensated, as in ``ColumnMeans``.
package struct SegmentNorms {
  package static let name = "segment_norms"

  package var input: any Buffer
  package var segments: [Segment]
  /// float32 [segments]
  package var output: any Buffer

  package init(input: any Buffer, segments: [Segment], output: any Buffer) {
    self.input = input
    self.segments = segments
    self.output = output
  }

  package func validate() throws {
    guard input.elementType == .float32, output.elementType == .float32, output.count >= segments.count
    else { throw ComputeError.invalid(Self.name, "the output can't hold \(segments.count) norms") }
    for segment in segments {
      let end = endOfRows(
        offset: segment.offset, rows: segment.rows, stride: segment.stride, columns: segment.columns)
      guard segment.offset >= 0, segment.rows > 0, segment.columns > 0, segment.stride >= segment.columns,
        end <= input.count
      else { throw ComputeError.invalid(Self.name, "a segment ends at \(end) of \(input.count)") }
    }
  }
}

extension SegmentNorms: DeviceOperation {
  package func run(on device: any Device) throws { try device.segmentNorms(self) }
}

extension ForwardingDevice {
  package func segmentNorms(_ operation: SegmentNorms) throws { try perform(operation) }
}
