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
    let target = try own(buffer, in: "write")
    try checkElements(offset, values.count, of: target, .float32, in: "write")
    write(values, to: target.floats() + offset)
  }

  /// 4 MiB.
  private static let writtenAtOnce = 1 << 20

  package func write(_ values: [Int32], to buffer: any Buffer, at offset: Int) throws {
    let target = try own(buffer, in: "write")
    try checkElements(offset, values.count, of: target, .int32, in: "write")
    write(values, to: target.integers + offset)
  }

  private func write<Element>(_ values: [Element], to place: UnsafeMutablePointer<Element>) {
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      // Threads share the first use of a large buffer's pages, in which the system zeroes them.
      let parts = (values.count + Self.writtenAtOnce - 1) / Self.writtenAtOnce
      pool.run(parts) { part, _ in
        let first = part * Self.writtenAtOnce
        (place + first).update(from: base + first, count: min(Self.writtenAtOnce, values.count - first))
      }
    }
  }

  package func read(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Float] {
    let source = try own(buffer, in: "read")
    try checkElements(range, of: source, .float32, in: "read")
    return Array(UnsafeBufferPointer(start: source.constants + range.lowerBound, count: range.count))
  }

  package func readDoubles(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Double] {
    let source = try own(buffer, in: "read")
    try checkElements(range, of: source, .float32, in: "read")
    let elements = UnsafeBufferPointer(start: source.constants + range.lowerBound, count: range.count)
    return [Double](unsafeUninitializedCapacity: range.count) { values, filled in
      for place in 0..<range.count { values.initializeElement(at: place, to: Double(elements[place])) }
      filled = range.count
    }
  }

  package func copy(from source: any Buffer, _ range: Range<Int>, to target: any Buffer, at offset: Int)
    throws
  {
    let (from, to) = (try own(source, in: "copy"), try own(target, in: "copy"))
    try checkElements(range, of: from, from.elementType, in: "copy")
    try checkElements(offset, range.count, of: to, from.elementType, in: "copy")
    // Elements of both types are moved as 4 bytes each; the ranges may overlap.
    (to.floats() + offset).update(from: from.constants + range.lowerBound, count: range.count)
  }

  /// The buffer as a buffer of this device. Throws `ComputeError.foreignBuffer` if another device made it.
  func own(_ buffer: any Buffer, in operation: String) throws -> CPUBuffer {
    guard let buffer = buffer as? CPUBuffer else {
      throw ComputeError.foreignBuffer(operation: operation, device: description.selector)
    }
    return buffer
  }

  /// The elements of a buffer, for reading or writing. The panels that were kept of the buffer are removed,
  /// because the caller may write to it.
  func floats(_ buffer: any Buffer, in operation: String) throws -> UnsafeMutablePointer<Float> {
    try own(buffer, in: operation).floats()
  }

  func integers(_ buffer: any Buffer, in operation: String) throws -> UnsafeMutablePointer<Int32> {
    try own(buffer, in: operation).integers
  }

  /// A pointer to the matrix's first element, for reading or writing.
  func floats(_ matrix: Matrix, in operation: String) throws -> UnsafeMutablePointer<Float> {
    try floats(matrix.buffer, in: operation) + matrix.offset
  }

  /// A pointer to the first element of model 0's tensor, for reading or writing.
  func floats(_ parameter: Parameter, in operation: String) throws -> UnsafeMutablePointer<Float> {
    try floats(parameter.buffer, in: operation) + parameter.offset
  }

  /// A pointer to the first element of model 0's tensor, for reading.
  func constants(_ parameter: Parameter, in operation: String) throws -> UnsafePointer<Float> {
    try own(parameter.buffer, in: operation).constants + parameter.offset
  }

  /// The integers of a buffer. Throws `ComputeError.invalid` unless the first `count` of them lie in `range`.
  func indices(
    _ buffer: any Buffer, count: Int, in range: Range<Int>, _ name: String, of operation: String
  ) throws -> UnsafeMutablePointer<Int32> {
    let indices = try integers(buffer, in: operation)
    try check(indices, 0..<count, in: range, name, of: operation)
    return indices
  }

  /// The integers of a buffer, one for each row. Throws `ComputeError.invalid` unless those of all rows in
  /// groups lie in `range`.
  func indices(
    _ buffer: any Buffer, _ rows: RowGroups, in range: Range<Int>, _ name: String, of operation: String
  ) throws -> UnsafeMutablePointer<Int32> {
    let indices = try integers(buffer, in: operation)
    for group in rows.models {
      try check(indices, group.firstRow..<group.firstRow + group.count, in: range, name, of: operation)
    }
    return indices
  }

  private func check(
    _ indices: UnsafeMutablePointer<Int32>, _ places: Range<Int>, in range: Range<Int>, _ name: String,
    of operation: String
  ) throws {
    for i in places where !range.contains(Int(indices[i])) {
      throw ComputeError.invalid(operation, "\(name) \(indices[i]) at \(i) lies outside \(range)")
    }
  }
}
