/// The identity of a device: what is needed to name it in a record and to key tuning records and benchmarks.
package struct DeviceDescription: Codable, Equatable, Sendable {
  /// The type of a device.
  package enum Kind: String, Codable, Sendable { case cpu, gpu, accelerator, reference }

  /// The device in the form of `--device`: `cpu`, `reference`, `opencl:0:0`.
  package var selector: String
  package var name: String
  package var kind: Kind
  /// The number of cores or compute units.
  package var computeUnits: Int
  /// The bytes that the device can hold, if known.
  package var memory: Int?
  /// The bytes that a single buffer can have, if known.
  package var largestAllocation: Int?
  /// Platform, driver and versions, or the CPU variant: everything that results may depend on.
  package var driver: String

  private enum CodingKeys: String, CodingKey {
    case selector, name, kind
    case computeUnits = "compute_units"
    case memory
    case largestAllocation = "largest_allocation"
    case driver
  }

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

/// Something that makes buffers: a device, or an object that only counts the memory they would take.
package protocol BufferMaking: AnyObject {
  /// Makes a buffer of zeros. Throws `ComputeError.outOfMemory` if it does not fit.
  func makeBuffer(count: Int, _ elementType: ElementType) throws -> any Buffer
  /// Makes a float32 buffer with these values.
  func makeBuffer(_ values: [Float]) throws -> any Buffer
  /// Makes an int32 buffer with these values.
  func makeBuffer(_ values: [Int32]) throws -> any Buffer
  /// Makes a buffer with these values that operations only read. A device may bring several to it at once.
  func makeConstant(_ values: [Float]) throws -> any Buffer
  func makeConstant(_ values: [Int32]) throws -> any Buffer
}

/// The memory of a device and its in-order queue. A read waits for everything that was queued before it.
package protocol DeviceMemory: BufferMaking {
  var description: DeviceDescription { get }

  /// Writes values from element `offset` on. Throws `ComputeError` if they do not fit into the buffer.
  func write(_ values: [Float], to buffer: any Buffer, at offset: Int) throws
  func write(_ values: [Int32], to buffer: any Buffer, at offset: Int) throws
  /// Reads elements. Throws `ComputeError` if the range is not in the buffer.
  func read(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Float]
  /// Like `read`, with the full precision that the device keeps.
  func readDoubles(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Double]
  /// Copies elements within the device, in the order of the queue.
  func copy(from source: any Buffer, _ range: Range<Int>, to target: any Buffer, at offset: Int) throws

  /// Says that what is queued is to run now: nothing follows it soon.
  func flush() throws
  /// Returns when everything in the queue has run, and throws the errors since the last call.
  func synchronize() throws
}

/// The interface through which everything above computes, and the list of operations: one function for each
/// ``DeviceOperation``.
///
/// Operations are queued in order. Their operands must stay alive until the device has run them; the device
/// sees to that.
package protocol Device: DeviceMemory {
  /// Says what the next operations will work on, so that a device can bring what it derives from it to its memory at
  /// once. Nothing depends on it but speed.
  func prepare(_ rows: [RowGroups], _ layouts: [AttentionLayout], _ keys: [KeyRows]) throws

  func embedding(_ operation: Embedding) throws
  func embeddingBackward(_ operation: EmbeddingBackward) throws
  func layerNorm(_ operation: LayerNorm) throws
  func layerNormBackward(_ operation: LayerNormBackward) throws
  func layerNormWeightGradient(_ operation: LayerNormWeightGradient) throws
  func layerNormGradients(_ operation: LayerNormGradients) throws
  func matmul(_ operation: Matmul) throws
  func matmulInputGradient(_ operation: MatmulInputGradient) throws
  func matmulWeightGradient(_ operation: MatmulWeightGradient) throws
  func gate(_ operation: Gate) throws
  func gateBackward(_ operation: GateBackward) throws
  func rotary(_ operation: Rotary) throws
  func attention(_ operation: Attention) throws
  func attentionBackward(_ operation: AttentionBackward) throws
  func softCap(_ operation: SoftCap) throws
  func softCapBackward(_ operation: SoftCapBackward) throws
  func crossEntropy(_ operation: CrossEntropy) throws
  func adam(_ operation: Adam) throws
  func gatherRows(_ operation: GatherRows) throws
  func scatterRows(_ operation: ScatterRows) throws
  func sumRows(_ operation: SumRows) throws
  func add(_ operation: Add) throws
  func scale(_ operation: Scale) throws
  func widen(_ operation: Widen) throws
  func narrow(_ operation: Narrow) throws
  func replaceRows(_ operation: ReplaceRows) throws
  func columnMeans(_ operation: ColumnMeans) throws
  func segmentNorms(_ operation: SegmentNorms) throws
}

extension BufferMaking {
  package func makeBuffer(count: Int) throws -> any Buffer { try makeBuffer(count: count, .float32) }
  package func makeConstant(_ values: [Float]) throws -> any Buffer { try makeBuffer(values) }
  package func makeConstant(_ values: [Int32]) throws -> any Buffer { try makeBuffer(values) }
}

extension Device {
  package func prepare(_ rows: [RowGroups], _ layouts: [AttentionLayout], _ keys: [KeyRows]) throws {}
}

extension DeviceMemory {
  package func flush() throws {}

  package func read(_ buffer: any Buffer) throws -> [Float] { try read(buffer, 0..<buffer.count) }

  package func readDoubles(_ buffer: any Buffer) throws -> [Double] {
    try readDoubles(buffer, 0..<buffer.count)
  }

  package func readDoubles(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Double] {
    try read(buffer, range).map(Double.init)
  }
}
