/// An operation as a value: what to compute, on which operands.
///
/// Each operation has a file in this room with its meaning, its checks, and its part in ``ForwardingDevice``; and a
/// function in ``Device``, which every device implements in a file of the same name.
package protocol DeviceOperation {
  /// As kernels, `validate` and `bench` call it: `matmul_input_gradient`.
  static var name: String { get }

  /// Throws `ComputeError` where the operands don't fit together or lie outside their buffers.
  func validate() throws

  /// Calls the function of `device` that is named for this operation.
  func run(on device: any Device) throws
}

extension DeviceOperation {
  package var name: String { Self.name }
}
