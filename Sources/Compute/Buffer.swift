/// The type of a buffer's elements for its users. Internally a device may store something else:
/// `ReferenceDevice` stores Double.
package enum ElementType: String, Sendable {
  case float32, int32

  /// The bytes of one element in the memory of single-precision devices.
  package var byteCount: Int { 4 }
}

/// A piece of device memory. Only the device that made it can look inside.
package protocol Buffer: AnyObject {
  /// The number of elements.
  var count: Int { get }
  var elementType: ElementType { get }
}
