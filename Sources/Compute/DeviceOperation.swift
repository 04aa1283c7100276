/// An operation as a value: what to compute, and on which operands.
///
/// Each operation has a file in this room with its meaning, its checks and its part in ``ForwardingDevice``,
/// and a function in ``Device``, which every device implements in a file of the same name.
package protocol DeviceOperation {
  /// The name in kernels, `validate` and `bench`, such as `matmul_input_gradient`.
  static var name: String { get }

  /// Throws `ComputeError` if operands do not fit together or lie outside their buffers.
  func validate() throws

  /// Calls this operation's function of `device`.
  func run(on device: any Device) throws
}

extension DeviceOperation {
  package var name: String { Self.name }
}
