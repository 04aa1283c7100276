import COpenCL
import Compute
import Kernels

/// One argument of a kernel.
struct KernelArgument {
  /// What the driver is given, in its first bytes: the handle of a buffer, or a number.
  var value: UInt64
  /// Equal for equal arguments of one kind. A buffer is told from one that had its address before.
  var bits: UInt64
}

extension ArgumentKind {
  /// The bytes of a value that the driver is given.
  var byteCount: Int {
    switch self {
    case .memory: MemoryLayout<cl_mem>.size
    case .long: MemoryLayout<cl_long>.size
    case .int: MemoryLayout<cl_int>.size
    case .float: MemoryLayout<cl_float>.size
    }
  }
}

/// The arguments of a kernel in order. Every kernel takes its operands in the same form: a matrix is (buffer,
/// offset, stride), a vector of a model (buffer, offset, model stride), and a tensor of a model (buffer,
/// offset, model stride, stride).
struct KernelArguments: ~Copyable {
  private let device: OpenCLDevice
  private let operation: String
  private let memory: ArgumentMemory
  private(set) var count = 0
  /// The number of buffers among them, which live until the launch is queued; from then on the driver keeps them.
  private var bufferCount = 0
  /// The kinds of the values, which must be those that the kernel declares.
  private(set) var signature = KernelSignature()
  /// A hash of where in their buffers operands begin, which is the same in every step and differs between the layers of
  /// a model.
  private(set) var place = 0

  init(_ device: OpenCLDevice, _ operation: String) {
    self.device = device
    self.operation = operation
    memory = device.argumentPool.take()
  }

  deinit {
    memory.buffers.deinitialize(count: bufferCount)
    device.argumentPool.giveBack(memory)
  }

  subscript(index: Int) -> KernelArgument { memory.values[index] }

  mutating func buffer(_ buffer: any Buffer) throws {
    append(try device.resolve(buffer, in: operation))
  }

  mutating func matrix(_ matrix: Matrix) throws {
    try buffer(matrix.buffer)
    long(matrix.offset)
    try int(matrix.stride)
  }

  /// Adds the number of rows of a matrix, which is the bound of the indices into it.
  mutating func rows(_ matrix: Matrix) {
    append(Int32(clamping: matrix.availableRows))
  }

  /// Adds the rows of keys or, if they are nil, a placeholder that the kernel does not access.
  mutating func keyRows(_ rows: KeyRows?) throws { try buffer(rows.map(device.list) ?? device.absent) }

  /// Adds a matrix or, if it is nil, a placeholder that the kernel does not access.
  mutating func matrix(_ matrix: Matrix?) throws {
    try self.matrix(matrix ?? Matrix(device.absent, columns: 0))
  }

  mutating func tensor(_ parameter: Parameter) throws {
    try vector(parameter)
    try int(parameter.stride)
  }

  mutating func tensor(_ parameter: Parameter?) throws {
    try tensor(parameter ?? Parameter(device.absent, rows: 1, columns: 0))
  }

  mutating func vector(_ parameter: Parameter) throws {
    try buffer(parameter.buffer)
    distances(of: parameter)
  }

  private mutating func distances(of parameter: Parameter) {
    long(parameter.offset)
    long(parameter.modelStride)
  }

  mutating func vector(_ parameter: Parameter?) throws {
    try vector(parameter ?? Parameter(device.absent, rows: 1, columns: 0))
  }

  /// Adds a vector that is overwritten. What waits for its sum elsewhere in its buffer goes on waiting.
  mutating func overwritten(vector parameter: Parameter?) throws {
    guard let parameter else { return try vector(parameter) }
    try device.makeRoom(for: parameter, in: operation)
    append(try device.own(parameter.buffer, in: operation))
    distances(of: parameter)
  }

  mutating func overwritten(tensor parameter: Parameter) throws {
    try overwritten(vector: parameter)
    try int(parameter.stride)
  }

  /// Adds a tensor or vector of partial sums, whose place varies from step to step, and is known by that of the sums.
  mutating func partial(vector parameter: Parameter?, of sums: Parameter?) throws {
    guard let parameter, let sums else { return try vector(parameter) }
    try buffer(parameter.buffer)
    append(bits: UInt64(bitPattern: Int64(parameter.offset)), .long)
    long(parameter.modelStride)
    place = (place ^ sums.offset) &* 0x9E37_79B1
  }

  mutating func partial(tensor parameter: Parameter, of sums: Parameter) throws {
    try partial(vector: parameter, of: sums)
    try int(parameter.stride)
  }

  mutating func list(_ list: DeviceList) throws {
    try buffer(list.buffer)
    try int(list.count)
  }

  mutating func list(_ list: DeviceList?) throws {
    if let list { return try self.list(list) }
    try buffer(device.absent)
    try int(0)
  }

  mutating func int(_ value: Int) throws {
    guard let narrow = Int32(exactly: value) else {
      throw ComputeError.invalid(operation, "\(value) does not fit 32 bits")
    }
    append(narrow)
  }

  mutating func long(_ value: Int) {
    append(bits: UInt64(bitPattern: Int64(value)), .long)
    place = (place ^ value) &* 0x9E37_79B1
  }

  mutating func float(_ value: Float) { append(bits: UInt64(value.bitPattern), .float) }

  mutating func flag(_ value: Bool) { append(value ? 1 : 0) }

  private mutating func append(_ buffer: OpenCLBuffer) {
    append(
      KernelArgument(value: UInt64(UInt(bitPattern: buffer.memory)), bits: buffer.identity), .memory)
    (memory.buffers + bufferCount).initialize(to: buffer)
    bufferCount += 1
  }

  private mutating func append(_ value: Int32) { append(bits: UInt64(UInt32(bitPattern: value)), .int) }

  /// Adds a number.
  private mutating func append(bits: UInt64, _ kind: ArgumentKind) {
    append(KernelArgument(value: bits.littleEndian, bits: bits), kind)
  }

  private mutating func append(_ argument: KernelArgument, _ kind: ArgumentKind) {
    precondition(count < ArgumentMemory.most, "a kernel has more arguments than there is room for")
    (memory.values + count).initialize(to: argument)
    count += 1
    signature.append(kind)
  }
}
