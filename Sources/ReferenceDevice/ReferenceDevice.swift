import Compute

/// The judge of the other devices: scalar, double precision, naive. Each operation is a file of its own
/// that says in plain loops what the operation means.
///
/// Operations run when they are called, so the queue is always empty. An operation reads a snapshot of its
/// operands; an output may therefore share a buffer with an input wherever ``Compute`` allows it.
package final class ReferenceDevice: Device {
  package let description = DeviceDescription(
    selector: "reference", name: "Reference", kind: .reference, computeUnits: 1,
    driver: "scalar Swift, double precision")

  package init() {}
}
