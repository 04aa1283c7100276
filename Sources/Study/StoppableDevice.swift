import Compute

/// A device whose operations end with `StudyError.interrupted` once a stop is requested, so that an analysis stops within
/// one operation. Training does not use it: a step is taken whole or not at all.
final class StoppableDevice: ForwardingDevice {
  let device: any Device
  private let supervisor: Supervisor

  init(_ device: any Device, supervisor: Supervisor) {
    self.device = device
    self.supervisor = supervisor
  }

  func perform(_ operation: any DeviceOperation) throws {
    try supervisor.checkStop()
    try operation.run(on: device)
  }
}
