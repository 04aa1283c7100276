import CPUDevice
import Compute
import OpenCLDevice
import ReferenceDevice

/// The devices that models and analyses are held to, and the error that single precision may leave on each.
package enum Backend: String, CaseIterable, Sendable {
  case reference, cpu
  case openCLRegister = "opencl:register"
  case openCLLocal = "opencl:local"

  /// Without OpenCL where there is none and none is required.
  package static let allCases: [Backend] =
    [.reference, .cpu] + (TestOpenCL.isEnabled ? [.openCLRegister, .openCLLocal] : [])

  /// A device with two threads at most.
  ///
  /// - Throws: ``MissingOpenCL``, or what making the device throws.
  package func make() throws -> any Device {
    switch self {
    case .reference: ReferenceDevice()
    case .cpu: try CPUDevice(threads: 2)
    case .openCLRegister: try OpenCLDevice(TestOpenCL.first(), family: .register)
    case .openCLLocal: try OpenCLDevice(TestOpenCL.first(), family: .local)
    }
  }

  /// Of activations and gradients against float64 stored in single precision.
  package var bound: Double { self == .reference ? 1e-6 : 1e-4 }
  /// Of a mean loss.
  package var lossBound: Double { self == .reference ? 1e-6 : 1e-5 }
}
