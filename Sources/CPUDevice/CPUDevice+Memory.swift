import Compute

extension CPUDevice {
  package func makeBuffer(count: Int, _ elementType: ElementType) throws -> any Buffer {
    try CPUBuffer(count: count, elementType)
  }

  package func makeBuffer(_ values: [Float]) throws -> any Buffer {
    let buffer = try CPUBuffer(count: values.count, .float32)
    try write(values, to: buffer, at: 0)
    return buffer
  }

  package func makeBuffer(_ values: [Int32]) throws -> any Buffer {
    let buffer = try CPUBuffer(count: values.count, .int32)
    try write(values, to: buffer, at: 0)
    return buffer
  }

  package func write(_ values: [Float], to buffer: any Buffer, at offset: Int) throws {
    let target = try own(buffer, .float32, offset, values.count, "write")
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      (target.floats() + offset).update(from: base, count: values.count)
    }
  }

  package func write(_ values: [Int32], to buffer: any Buffer, at offset: Int) throws {
    let target = try own(buffer, .int32, offset, values.count, "write")
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      (target.integers + offset).update(from: base, count: values.count)
    }
  }

  package func read(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Float] {
    let source = try own(buffer, .float32, range.lowerBound, range.count, "read")
    return Array(UnsafeBufferPointer(start: source.constants + range.lowerBound, count: range.count))
  }

  package func copy(from source: any Buffer, _ range: Range<Int>, to target: any Buffer, at offset: Int)
    throws
  {
    let from = try own(source, .float32, range.lowerBound, range.count, "copy")
    let to = try own(target, .float32, offset, range.count, "copy")
    (to.floats() + offset).update(from: from.constants + range.lowerBound, count: range.count)
  }

  /// The buffer as this device's own, once `count` elements from `offset` are known to lie inside.
  private func own(
    _ buffer: any Buffer, _ type: ElementType, _ offset: Int, _ count: Int, _ operation: String
  ) throws -> CPUBuffer {
    let buffer = try own(buffer, in: operation)
    guard buffer.elementType == type, offset >= 0, offset <= buffer.count, count <= buffer.count - offset
    else {
      throw ComputeError.invalid(
        operation,
        "\(count) \(type) elements at \(offset) don't fit a buffer of \(buffer.count) \(buffer.elementType)")
    }
    return buffer
  }

  func own(_ buffer: any Buffer, in operation: String) throws -> CPUBuffer {
    guard let buffer = buffer as? CPUBuffer else {
      throw ComputeError.foreignBuffer(operation: operation, device: description.selector)
    }
    return buffer
  }

  /// To read from or write to: what was kept of the buffer's weights is forgotten.
  func floats(_ buffer: any Buffer, in operation: String) throws -> UnsafeMutablePointer<Float> {
    try own(buffer, in: operation).floats()
  }

  func integers(_ buffer: any Buffer, in operation: String) throws -> UnsafeMutablePointer<Int32> {
    try own(buffer, in: operation).integers
  }

  /// The matrix's first element.
  func floats(_ matrix: Matrix, in operation: String) throws -> UnsafeMutablePointer<Float> {
    try floats(matrix.buffer, in: operation) + matrix.offset
  }

  /// The tensor's first element, of model 0.
  func floats(_ parameter: Parameter, in operation: String) throws -> UnsafeMutablePointer<Float> {
    try floats(parameter.buffer, in: operation) + parameter.offset
  }

  /// The tensor's first element, of model 0, to read from.
  func constants(_ parameter: Parameter, in operation: String) throws -> UnsafePointer<Float> {
    try own(parameter.buffer, in: operation).constants + parameter.offset
  }

  /// `count` integers, all in `range`.
  func indices(
    _ buffer: any Buffer, count: Int, in range: Range<Int>, _ name: String, of operation: String
  ) throws -> UnsafeMutablePointer<Int32> {
    let indices = try integers(buffer, in: operation)
    for i in 0..<count where !range.contains(Int(indices[i])) {
      throw ComputeError.invalid(operation, "\(name) \(indices[i]) at \(i) lies outside \(range)")
    }
    return indices
  }
}
