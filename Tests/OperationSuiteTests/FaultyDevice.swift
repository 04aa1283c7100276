import Compute
import ReferenceDevice

/// A device that does everything right and then one thing wrong: proof that the suite can fail.
final class FaultyDevice: ForwardingDevice {
  enum Fault: CaseIterable {
    /// One element off by one part in a thousand.
    case inaccurate
    /// One element of an output never written.
    case unwritten
    /// The element behind the last one of an output written.
    case overrun
    /// Everything behind the last element of an output written.
    case extraRows
    /// An element between two of an output written: padding, or a row that belongs to nobody.
    case padding
    /// An input scribbled on.
    case input
    /// Nothing done at all.
    case idle
    /// A driver's error.
    case failure
  }

  let device: any Device = ReferenceDevice()
  let fault: Fault
  /// Operations in which it did something wrong, by name.
  private(set) var spoiled: Set<String> = []
  private var buffers: [Weak] = []

  init(_ fault: Fault) { self.fault = fault }

  func makeBuffer(_ values: [Float]) throws -> any Buffer {
    let buffer = try device.makeBuffer(values)
    buffers = buffers.filter { $0.buffer != nil } + [Weak(buffer: buffer)]
    return buffer
  }

  /// Finds the operation's outputs by what it changed, whatever the operation.
  func perform(_ operation: any DeviceOperation) throws {
    if fault == .failure || fault == .idle { spoiled.insert(operation.name) }
    if fault == .failure {
      throw ComputeError.driver(call: "clEnqueueNDRangeKernel", status: "CL_OUT_OF_RESOURCES", detail: "")
    }
    if fault == .idle { return }
    let live = buffers.compactMap(\.buffer)
    let before = try live.map(device.readDoubles)
    try operation.run(on: device)
    for (buffer, before) in zip(live, before) {
      let after = try device.readDoubles(buffer)
      let changed = after.indices.filter { after[$0].bitPattern != before[$0].bitPattern }
      guard let (element, values) = spoil(after, changed) else { continue }
      try device.write(values, to: buffer, at: element)
      spoiled.insert(operation.name)
      return
    }
  }

  /// What to write into a buffer, and where, if this is a buffer for the fault.
  private func spoil(_ values: [Double], _ changed: [Int]) -> (element: Int, values: [Float])? {
    if fault == .input {
      guard changed.isEmpty, let element = values.firstIndex(where: { $0.isFinite }) else { return nil }
      return (element, [disturbed(values[element])])
    }
    guard let first = changed.first, let last = changed.last else { return nil }
    switch fault {
    case .inaccurate: return (last, [Float(values[last] * 1.001 + 0.001)])
    case .unwritten: return (last, [.nan])
    case .overrun: return (last + 1, [disturbed(values[last + 1])])
    case .extraRows: return (last + 1, [Float](repeating: 1, count: values.count - last - 1))
    case .padding:
      let padding = Set(first...last).subtracting(changed).min()
      return padding.map { ($0, [disturbed(values[$0])]) }
    case .input, .idle, .failure: return nil
    }
  }

  /// Another value, whatever was there.
  private func disturbed(_ value: Double) -> Float { value.isFinite ? Float(value) + 7 : 0 }

  private struct Weak {
    weak var buffer: (any Buffer)?
  }
}
