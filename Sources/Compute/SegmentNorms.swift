/// A rows × columns block of a flat buffer.
public struct Segment: Equatable, Sendable {
  public var offset: Int
  public var rows: Int
  public var columns: Int
  public var stride: Int

  public init(offset: Int, rows: Int, columns: Int, stride: Int) {
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }
}

/// `output[i] = √(Σ input²)` over segment i: Frobenius norms of parts of a gradient.
public struct SegmentNorms {
  public static let name = "segment_norms"

  public var input: any Buffer
  public var segments: [Segment]
  /// float32 [segments]
  public var output: any Buffer

  public init(input: any Buffer, segments: [Segment], output: any Buffer) {
    self.input = input
    self.segments = segments
    self.output = output
  }

  public func validate() throws {
    guard input.elementType == .float32, output.elementType == .float32, output.count >= segments.count
    else { throw ComputeError.invalid(Self.name, "the output can't hold \(segments.count) norms") }
    for segment in segments {
      let end = segment.offset + (segment.rows - 1) * segment.stride + segment.columns
      guard segment.offset >= 0, segment.rows > 0, segment.columns > 0, segment.stride >= segment.columns,
        end <= input.count
      else { throw ComputeError.invalid(Self.name, "a segment ends at \(end) of \(input.count)") }
    }
  }
}

public protocol SegmentNormsOperation {
  func segmentNorms(_ operation: SegmentNorms) throws
}
