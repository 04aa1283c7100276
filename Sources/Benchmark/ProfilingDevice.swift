import Compute

/// A device that forwards everything to another device, waits for each operation and records how long it
/// took. It shows where the milliseconds of a step go. Waiting prevents the queue from overlapping work, so
/// the sum exceeds the time of a step.
final class ProfilingDevice: Device {
  private let device: any Device
  /// For each operation: the number of calls, the seconds until the device had finished them, and the
  /// multiplications and additions of matrix products and attention.
  private(set) var entries: [String: Entry] = [:]

  struct Entry {
    var calls = 0
    var seconds = 0.0
    var flops = 0.0
  }

  var description: DeviceDescription { device.description }

  init(_ device: any Device) { self.device = device }

  func reset() { entries = [:] }

  private func note(_ name: String, flops: Double = 0, _ run: () throws -> Void) throws {
    let taken = try seconds {
      try run()
      try device.synchronize()
    }
    entries[name, default: Entry()].calls += 1
    entries[name, default: Entry()].seconds += taken
    entries[name, default: Entry()].flops += flops
  }
}

extension ProfilingDevice {
  func embedding(_ operation: Embedding) throws {
    try note(Embedding.name) { try device.embedding(operation) }
  }
  func embeddingBackward(_ operation: EmbeddingBackward) throws {
    try note(EmbeddingBackward.name) { try device.embeddingBackward(operation) }
  }
  func layerNorm(_ operation: LayerNorm) throws {
    try note(LayerNorm.name) { try device.layerNorm(operation) }
  }
  func layerNormBackward(_ operation: LayerNormBackward) throws {
    try note(LayerNormBackward.name) { try device.layerNormBackward(operation) }
  }
  func layerNormWeightGradient(_ operation: LayerNormWeightGradient) throws {
    try note(LayerNormWeightGradient.name) { try device.layerNormWeightGradient(operation) }
  }
  func matmul(_ operation: Matmul) throws {
    let flops = product(operation.rows, operation.input.columns, operation.output.columns)
    try note(Matmul.name, flops: flops) { try device.matmul(operation) }
  }
  func matmulInputGradient(_ operation: MatmulInputGradient) throws {
    let flops = product(operation.rows, operation.outputGradient.columns, operation.inputGradient.columns)
    try note(MatmulInputGradient.name, flops: flops) { try device.matmulInputGradient(operation) }
  }
  func matmulWeightGradient(_ operation: MatmulWeightGradient) throws {
    let flops = product(operation.rows, operation.input.columns, operation.outputGradient.columns)
    try note(MatmulWeightGradient.name, flops: flops) { try device.matmulWeightGradient(operation) }
  }
  func rotary(_ operation: Rotary) throws { try note(Rotary.name) { try device.rotary(operation) } }
  func attention(_ operation: Attention) throws {
    let flops = 4 * pairs(operation.layout) * Double(operation.query.columns)
    try note(Attention.name, flops: flops) { try device.attention(operation) }
  }
  func attentionBackward(_ operation: AttentionBackward) throws {
    // The backward has two products for each of the forward's.
    let flops = 8 * pairs(operation.layout) * Double(operation.query.columns)
    try note(AttentionBackward.name, flops: flops) { try device.attentionBackward(operation) }
  }
  func crossEntropy(_ operation: CrossEntropy) throws {
    try note(CrossEntropy.name) { try device.crossEntropy(operation) }
  }
  func adam(_ operation: Adam) throws { try note(Adam.name) { try device.adam(operation) } }
  func sumRows(_ operation: SumRows) throws {
    try note(SumRows.name) { try device.sumRows(operation) }
  }
  func gatherRows(_ operation: GatherRows) throws {
    try note(GatherRows.name) { try device.gatherRows(operation) }
  }
  func scatterRows(_ operation: ScatterRows) throws {
    try note(ScatterRows.name) { try device.scatterRows(operation) }
  }
  func add(_ operation: Add) throws { try note(Add.name) { try device.add(operation) } }
  func replaceRows(_ operation: ReplaceRows) throws {
    try note(ReplaceRows.name) { try device.replaceRows(operation) }
  }
  func columnMeans(_ operation: ColumnMeans) throws {
    try note(ColumnMeans.name) { try device.columnMeans(operation) }
  }
  func segmentNorms(_ operation: SegmentNorms) throws {
    try note(SegmentNorms.name) { try device.segmentNorms(operation) }
  }
}

private func product(_ rows: RowGroups, _ k: Int, _ n: Int) -> Double { 2 * Double(rows.rowCount * k * n) }

/// The number of pairs of a query and a key that it sees.
private func pairs(_ layout: AttentionLayout) -> Double {
  layout.sequences.reduce(0) { sum, sequence in
    let queries = sequence.firstQuery..<sequence.firstQuery + sequence.queryCount
    return sum + layout.positions[queries].reduce(0) { $0 + Double($1 + 1) }
  }
}

/// Memory belongs to the wrapped device.
extension ProfilingDevice {
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
}
