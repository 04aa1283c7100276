import Compute
import ReferenceDevice

/// A device that does everything right and then one thing wrong: proof that the suite can fail.
final class FaultyDevice: Device {
  enum Fault: CaseIterable {
    /// One element off by one part in a thousand.
    case inaccurate
    /// One element of the output never written.
    case unwritten
    /// The element behind the last one of the output written.
    case overrun
    /// The row behind the last one written.
    case extraRow
    /// A padding element between two rows written.
    case padding
    /// An input scribbled on.
    case input
    /// Nothing done at all.
    case idle
    /// A driver's error.
    case failure
  }

  let device = ReferenceDevice()
  let fault: Fault
  var description: DeviceDescription { device.description }

  init(_ fault: Fault) { self.fault = fault }

  /// Runs an operation on `rows` rows of `output` and spoils it.
  func spoil(_ output: Matrix, rows: Int, input: Matrix, _ run: () throws -> Void) throws {
    if fault == .failure {
      throw ComputeError.driver(call: "clEnqueueNDRangeKernel", status: "CL_OUT_OF_RESOURCES", detail: "")
    }
    if fault == .idle { return }
    try run()
    guard rows > 0 else { return }
    let last = output.offset + (rows - 1) * output.stride
    switch fault {
    case .inaccurate:
      let value = try device.readDoubles(output.buffer, last..<last + 1)
      try device.write([value[0] * 1.001 + 0.001], to: output.buffer, at: last)
    case .unwritten: try device.write([Float.nan], to: output.buffer, at: last)
    case .overrun: try device.write([0] as [Float], to: output.buffer, at: last + output.columns)
    case .extraRow:
      try device.write(
        [Float](repeating: 1, count: output.columns), to: output.buffer, at: last + output.stride)
    case .padding:
      if output.stride > output.columns, rows > 1 {
        try device.write([0] as [Float], to: output.buffer, at: output.offset + output.columns)
      }
    case .input: try device.write([7] as [Float], to: input.buffer, at: input.offset)
    case .idle, .failure: break
    }
  }

  // MARK: The spoiled operations

  func matmul(_ operation: Matmul) throws {
    try spoil(operation.output, rows: operation.rows.extent, input: operation.input) {
      try device.matmul(operation)
    }
  }
  func add(_ operation: Add) throws {
    try spoil(operation.output, rows: operation.count, input: operation.right) { try device.add(operation) }
  }
  func gatherRows(_ operation: GatherRows) throws {
    try spoil(operation.output, rows: operation.count, input: operation.input) {
      try device.gatherRows(operation)
    }
  }
  func crossEntropy(_ operation: CrossEntropy) throws {
    try spoil(operation.rowLoss, rows: operation.rows.extent, input: operation.rowWeight) {
      try device.crossEntropy(operation)
    }
  }
  func layerNorm(_ operation: LayerNorm) throws {
    try spoil(operation.output, rows: operation.rows.extent, input: operation.input) {
      try device.layerNorm(operation)
    }
  }
  func attention(_ operation: Attention) throws {
    try spoil(operation.output, rows: operation.layout.queryExtent, input: operation.key) {
      try device.attention(operation)
    }
  }

  static let spoiled = [
    Matmul.name, Add.name, GatherRows.name, CrossEntropy.name, LayerNorm.name, Attention.name,
  ]
}

/// Everything else is the reference's.
extension FaultyDevice {
  func makeBuffer(count: Int, _ elementType: ElementType) throws -> any Buffer {
    try device.makeBuffer(count: count, elementType)
  }
  func makeBuffer(_ values: [Float]) throws -> any Buffer { try device.makeBuffer(values) }
  func makeBuffer(_ values: [Int32]) throws -> any Buffer { try device.makeBuffer(values) }
  func write(_ values: [Float], to buffer: any Buffer, at offset: Int) throws {
    try device.write(values, to: buffer, at: offset)
  }
  func write(_ values: [Int32], to buffer: any Buffer, at offset: Int) throws {
    try device.write(values, to: buffer, at: offset)
  }
  func read(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Float] { try device.read(buffer, range) }
  func readDoubles(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Double] {
    try device.readDoubles(buffer, range)
  }
  func copy(from source: any Buffer, _ range: Range<Int>, to target: any Buffer, at offset: Int) throws {
    try device.copy(from: source, range, to: target, at: offset)
  }
  func synchronize() throws { try device.synchronize() }

  func embedding(_ operation: Embedding) throws { try device.embedding(operation) }
  func embeddingBackward(_ operation: EmbeddingBackward) throws { try device.embeddingBackward(operation) }
  func layerNormBackward(_ operation: LayerNormBackward) throws { try device.layerNormBackward(operation) }
  func layerNormWeightGradient(_ operation: LayerNormWeightGradient) throws {
    try device.layerNormWeightGradient(operation)
  }
  func matmulInputGradient(_ operation: MatmulInputGradient) throws {
    try device.matmulInputGradient(operation)
  }
  func matmulWeightGradient(_ operation: MatmulWeightGradient) throws {
    try device.matmulWeightGradient(operation)
  }
  func attentionBackward(_ operation: AttentionBackward) throws { try device.attentionBackward(operation) }
  func adam(_ operation: Adam) throws { try device.adam(operation) }
  func scatterRows(_ operation: ScatterRows) throws { try device.scatterRows(operation) }
  func sumRows(_ operation: SumRows) throws { try device.sumRows(operation) }
  func replaceRows(_ operation: ReplaceRows) throws { try device.replaceRows(operation) }
  func columnMeans(_ operation: ColumnMeans) throws { try device.columnMeans(operation) }
  func rotary(_ operation: Rotary) throws { try device.rotary(operation) }
  func segmentNorms(_ operation: SegmentNorms) throws { try device.segmentNorms(operation) }
}
