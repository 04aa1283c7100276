/// What can go wrong between the program and a device.
package enum ComputeError: Error, CustomStringConvertible {
  /// The caller's operands do not fit together.
  case invalid(String, String)
  /// The caller passed a buffer of another device.
  case foreignBuffer(operation: String, device: String)
  /// The device cannot allocate a buffer of this size.
  case outOfMemory(bytes: Int, device: String, detail: String)
  /// A call to the device's driver failed because the device has no memory or other resources left; some drivers say
  /// so also where a kernel that was queued before has failed. Drivers may set memory aside only when a kernel needs it, long
  /// after a buffer was made.
  case exhausted(call: String, status: String, detail: String)
  /// A call to the device's driver failed.
  case driver(call: String, status: String, detail: String)
  /// The requested device does not exist.
  case unavailable(String)

  /// Whether fewer models at once may not have this error.
  package var isShortage: Bool {
    switch self {
    case .outOfMemory, .exhausted: true
    case .invalid, .foreignBuffer, .driver, .unavailable: false
    }
  }

  package var description: String {
    switch self {
    case .invalid(let operation, let reason):
      "\(operation): \(reason)"
    case .foreignBuffer(let operation, let device):
      "\(operation): a buffer does not belong to device \(device)"
    case .outOfMemory(let bytes, let device, let detail):
      "device \(device) can't hold a buffer of \(bytes) bytes: \(detail); use a smaller batch, model or ensemble"
    case .exhausted(let call, let status, let detail), .driver(let call, let status, let detail):
      "\(call) failed with \(status)\(detail.isEmpty ? "" : ": \(detail)")"
    case .unavailable(let reason):
      reason
    }
  }
}
