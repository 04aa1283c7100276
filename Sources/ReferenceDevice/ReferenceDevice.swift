import Compute

/// The device with which all other devices are compared: scalar, in double precision, and naive. Each
/// operation has a file of its own that says in plain loops what the operation means.
///
/// An operation runs when it is called, so the queue is always empty. It reads a snapshot of its operands, so
/// an output may share a buffer with an input wherever ``Compute`` allows it.
package final class ReferenceDevice: Device {
  package let description = DeviceDescription(
    selector: "reference", name: "Reference", kind: .reference, computeUnits: 1,
    driver: "scalar Swift, double precision")

  package init() {}
}
