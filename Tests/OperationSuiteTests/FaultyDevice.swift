import Compute
import ReferenceDevice

/// A device that computes correctly and then makes one fault, which shows that the suite can fail.
final class FaultyDevice: ForwardingDevice {
  enum Fault: CaseIterable {
    /// One element differs by one part in a thousand.
    case inaccurate
    /// One element of an output is never written.
    case unwritten
    /// The element after the last one of an output is overwritten.
    case overrun
    /// All elements after the last one of an output are overwritten.
    case extraRows
    /// An element between two of an output is overwritten: padding, or a row without a model.
    case padding
    /// An input is overwritten.
    case input
    /// The operation does nothing.
    case idle
    /// The driver reports an error.
    case failure
  }

  let device: any Device = ReferenceDevice()
  let fault: Fault
  /// The names of the operations in which the device made a fault.
  private(set) var spoiled: Set<String> = []
  private var buffers: [Weak] = []

  init(_ fault: Fault) { self.fault = fault }

  func makeBuffer(_ values: [Float]) throws -> any Buffer {
    let buffer = try device.makeBuffer(values)
    buffers = buffers.filter { $0.buffer != nil } + [Weak(buffer: buffer)]
    return buffer
  }

  /// Finds the outputs of any operation by the elements that it changed.
  func perform(_ operation: any DeviceOperation) throws {
    if fault == .failure || fault == .idle { spoiled.insert(operation.name) }
    if fault == .failure {
      throw ComputeError.exhausted(
        call: "clEnqueueNDRangeKernel", status: "CL_OUT_OF_RESOURCES", detail: "")
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

  /// The place and the values to write, if the fault applies to this buffer.
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

  /// A value that differs from the given one.
  private func disturbed(_ value: Double) -> Float { value.isFinite ? Float(value) + 7 : 0 }

  private struct Weak {
    weak var buffer: (any Buffer)?
  }
}
