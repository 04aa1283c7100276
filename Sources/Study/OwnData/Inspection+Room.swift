import Compute
import Errors
import Importance
import Transformer

extension Inspection {
  /// Refuses what does not fit, before the device has any weights.
  ///
  /// - Throws: `StudyError.impossible`, which says what the inspection needs and what there is.
  package func checkMemory(on device: any Device) throws {
    let description = device.description
    let needed = try memory(largestAllocation: description.largestAllocation)
    let room = MemoryRoom(device)
    guard !room.fits(needed, largestAllocation: description.largestAllocation) else { return }
    let limit =
      description.largestAllocation.map { ", with buffers of at most \(gibibytes(Double($0), digits: 1))" }
      ?? ""
    throw StudyError.impossible(
      "inspecting this model on this batch may need \(gibibytes(needed.bytes, digits: 1)) on device \(description.selector) and "
        + "\(gibibytes(needed.hostBytes, digits: 1)) beside it, and there are \(gibibytes(room.device, digits: 1)) and "
        + "\(gibibytes(room.host, digits: 1))\(limit); use another device or fewer sequences, or 'causalgap analyze --data'"
    )
  }
}
