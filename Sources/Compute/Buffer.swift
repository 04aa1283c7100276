/// What a buffer's elements are on the outside. Inside, a device keeps what it likes:
/// `ReferenceDevice` holds Double between operations.
package enum ElementType: String, Sendable {
  case float32, int32

  /// Bytes an element takes in device memory on single-precision devices.
  package var byteCount: Int { 4 }
}

/// A run of device memory. Only the device that made it can look inside.
package protocol Buffer: AnyObject {
  /// Number of elements.
  var count: Int { get }
  var elementType: ElementType { get }
}
