/// A block of rows × columns to overwrite, and the source of its new values.
package struct Replacement: Equatable, Sendable {
  package var rows: Range<Int>
  package var columns: Range<Int>
  /// The index of the first source element of the block; nil writes zeros.
  package var sourceOffset: Int?
  /// The number of elements from the source of one row to the next; 0 repeats one vector for all rows.
  package var sourceStride: Int

  package init(rows: Range<Int>, columns: Range<Int>, sourceOffset: Int?, sourceStride: Int = 0) {
    self.rows = rows
    self.columns = columns
    self.sourceOffset = sourceOffset
    self.sourceStride = sourceStride
  }
}

/// Overwrites blocks of `target` with values from a source; interventions on activations use it. Blocks must
/// not overlap.
package struct ReplaceRows {
  package static let name = "replace_rows"

  package var target: Matrix
  /// The buffer in which offsets are counted. It must not be the target's buffer.
  package var source: any Buffer
  package var replacements: [Replacement]

  package init(target: Matrix, source: any Buffer, replacements: [Replacement]) {
    self.target = target
    self.source = source
    self.replacements = replacements
  }

  package func validate() throws {
    guard source.elementType == .float32 else {
      throw ComputeError.invalid(Self.name, "source holds \(source.elementType), expected float32")
    }
    try target.check("target", rows: 0, in: Self.name)
    for block in replacements {
      try target.check("target", rows: block.rows.upperBound, in: Self.name)
      // The bounds come first: the length of a range that begins below zero may not fit into an integer.
      guard block.rows.lowerBound >= 0, block.columns.lowerBound >= 0,
        block.columns.upperBound <= target.columns, block.sourceStride >= 0
      else { throw ComputeError.invalid(Self.name, "a block lies outside the target") }
      if let offset = block.sourceOffset, !block.rows.isEmpty {
        let end = endOfRows(
          offset: offset, rows: block.rows.count, stride: block.sourceStride, columns: block.columns.count)
        guard offset >= 0, end <= source.count else {
          throw ComputeError.invalid(Self.name, "a block's source ends at \(end) of \(source.count)")
        }
      }
    }
  }
}

extension ReplaceRows: DeviceOperation {
  package func run(on device: any Device) throws { try device.replaceRows(self) }
}

extension ForwardingDevice {
  package func replaceRows(_ operation: ReplaceRows) throws { try perform(operation) }
}
