/// Who a device is: enough to name it in a record and to key tuning records and benchmarks.
package struct DeviceDescription: Codable, Equatable, Sendable {
  package enum Kind: String, Codable, Sendable { case cpu, gpu, accelerator, reference }

  /// As `--device` takes it: `cpu`, `reference`, `opencl:0:0`.
  package var selector: String
  package var name: String
  package var kind: Kind
  /// Cores, or compute units.
  package var computeUnits: Int
  /// Bytes the device can hold, where it says.
  package var memory: Int?
  /// Largest single buffer in bytes, where it says.
  package var largestAllocation: Int?
  /// Platform, driver and versions, or the CPU variant: whatever a result may depend on.
  package var driver: String

  package init(
    selector: String, name: String, kind: Kind, computeUnits: Int, memory: Int? = nil,
    largestAllocation: Int? = nil, driver: String
  ) {
    self.selector = selector
    self.name = name
    self.kind = kind
    self.computeUnits = computeUnits
    self.memory = memory
    self.largestAllocation = largestAllocation
    self.driver = driver
  }
}

/// What makes buffers: a device, or what only counts the memory they would take.
package protocol BufferMaking: AnyObject {
  /// A buffer of zeros. Throws `ComputeError.outOfMemory` when it does not fit.
  func makeBuffer(count: Int, _ elementType: ElementType) throws -> any Buffer
  func makeBuffer(_ values: [Float]) throws -> any Buffer
  func makeBuffer(_ values: [Int32]) throws -> any Buffer
}

/// Memory of a device, and its in-order queue. Reads wait for what was queued before them.
package protocol DeviceMemory: BufferMaking {
  var description: DeviceDescription { get }

  func write(_ values: [Float], to buffer: any Buffer, at offset: Int) throws
  func write(_ values: [Int32], to buffer: any Buffer, at offset: Int) throws
  func read(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Float]
  /// As `read`, with every digit the device keeps.
  func readDoubles(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Double]
  /// Copies elements within the device, in queue order.
  func copy(from source: any Buffer, _ range: Range<Int>, to target: any Buffer, at offset: Int) throws

  /// Returns when everything queued has run; throws what failed since the last call.
  func synchronize() throws
}

/// The one interface everything above computes through, and the list of operations: one function for each
/// ``DeviceOperation``.
///
/// An operation is queued in order; its operands must stay alive until the device has run it, which devices see to
/// themselves.
package protocol Device: DeviceMemory {
  func embedding(_ operation: Embedding) throws
  func embeddingBackward(_ operation: EmbeddingBackward) throws
  func layerNorm(_ operation: LayerNorm) throws
  func layerNormBackward(_ operation: LayerNormBackward) throws
  func layerNormWeightGradient(_ operation: LayerNormWeightGradient) throws
  func matmul(_ operation: Matmul) throws
  func matmulInputGradient(_ operation: MatmulInputGradient) throws
  func matmulWeightGradient(_ operation: MatmulWeightGradient) throws
  func rotary(_ operation: Rotary) throws
  func attention(_ operation: Attention) throws
  func attentionBackward(_ operation: AttentionBackward) throws
  func crossEntropy(_ operation: CrossEntropy) throws
  func adam(_ operation: Adam) throws
  func gatherRows(_ operation: GatherRows) throws
  func scatterRows(_ operation: ScatterRows) throws
  func sumRows(_ operation: SumRows) throws
  func add(_ operation: Add) throws
  func replaceRows(_ operation: ReplaceRows) throws
  func columnMeans(_ operation: ColumnMeans) throws
  func segmentNorms(_ operation: SegmentNorms) throws
}

extension BufferMaking {
  package func makeBuffer(count: Int) throws -> any Buffer { try makeBuffer(count: count, .float32) }
}

extension DeviceMemory {
  package func read(_ buffer: any Buffer) throws -> [Float] { try read(buffer, 0..<buffer.count) }

  package func readDoubles(_ buffer: any Buffer) throws -> [Double] {
    try readDoubles(buffer, 0..<buffer.count)
  }

  package func readDoubles(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Double] {
    try read(buffer, range).map(Double.init)
  }
}
