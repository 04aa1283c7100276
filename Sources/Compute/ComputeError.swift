/// What can go wrong between the program and a device.
package enum ComputeError: Error, CustomStringConvertible {
  /// The caller's operands do not fit together.
  case invalid(String, String)
  /// The caller passed a buffer of another device.
  case foreignBuffer(operation: String, device: String)
  /// The device cannot allocate a buffer of this size.
  case outOfMemory(bytes: Int, device: String, detail: String)
  /// A call to the device's driver failed.
  case driver(call: String, status: String, detail: String)
  /// The requested device does not exist.
  case unavailable(String)

  package var description: String {
    switch self {
    case .invalid(let operation, let reason):
      "\(operation): \(reason)"
    case .foreignBuffer(let operation, let device):
      "\(operation): a buffer does not belong to device \(device)"
    case .outOfMemory(let bytes, let device, let detail):
      "device \(device) can't hold a buffer of \(bytes) bytes: \(detail); use a smaller batch, model or ensemble"
    case .driver(let call, let status, let detail):
      "\(call) failed with \(status)\(detail.isEmpty ? "" : ": \(detail)")"
    case .unavailable(let reason):
      reason
    }
  }
}
