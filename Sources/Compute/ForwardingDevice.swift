/// A device that forwards everything to another device: the base of devices that watch or change what passes
/// through them.
///
/// A conforming type implements ``perform(_:)``, through which all operations pass, and the memory functions
/// that it changes:
///
///     final class CountingDevice: ForwardingDevice {
///       let device: any Device
///       var calls = 0
///       func perform(_ operation: any DeviceOperation) throws {
///         calls += 1
///         try operation.run(on: device)
///       }
///     }
///
/// The forwarding function of an operation is in the operation's file.
package protocol ForwardingDevice: Device {
  /// The device that does the work.
  var device: any Device { get }

  /// Called for every operation. `operation.run(on: device)` executes it.
  func perform(_ operation: any DeviceOperation) throws
}

extension ForwardingDevice {
  package var description: DeviceDescription { device.description }

  package func makeBuffer(count: Int, _ elementType: ElementType) throws -> any Buffer {
    try device.makeBuffer(count: count, elementType)
  }

  package func makeBuffer(_ values: [Float]) throws -> any Buffer { try device.makeBuffer(values) }

  package func makeBuffer(_ values: [Int32]) throws -> any Buffer { try device.makeBuffer(values) }

  package func makeConstant(_ values: [Float]) throws -> any Buffer { try device.makeConstant(values) }

  package func makeConstant(_ values: [Int32]) throws -> any Buffer { try device.makeConstant(values) }

  package func write(_ values: [Float], to buffer: any Buffer, at offset: Int) throws {
    try device.write(values, to: buffer, at: offset)
  }

  package func write(_ values: [Int32], to buffer: any Buffer, at offset: Int) throws {
    try device.write(values, to: buffer, at: offset)
  }

  package func read(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Float] {
    try device.read(buffer, range)
  }

  package func readDoubles(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Double] {
    try device.readDoubles(buffer, range)
  }

  package func copy(from source: any Buffer, _ range: Range<Int>, to target: any Buffer, at offset: Int)
    throws
  {
    try device.copy(from: source, range, to: target, at: offset)
  }

  package func prepare(_ rows: [RowGroups], _ layouts: [AttentionLayout], _ keys: [KeyRows]) throws {
    try device.prepare(rows, layouts, keys)
  }

  package func flush() throws { try device.flush() }

  package func synchronize() throws { try device.synchronize() }
}
