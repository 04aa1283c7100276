import CPUDevice
import Compute
import OpenCLDevice
import ReferenceDevice

/// The devices on which models and analyses are tested, each with the errors that single precision may cause.
package enum Backend: String, CaseIterable, Sendable {
  case reference, cpu
  case openCLRegister = "opencl:register"
  case openCLLocal = "opencl:local"

  /// All devices, without OpenCL if it neither exists nor is required.
  package static let allCases: [Backend] =
    [.reference, .cpu] + (TestOpenCL.isEnabled ? [.openCLRegister, .openCLLocal] : [])

  /// Makes a device with at most two threads.
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

  /// The bound for activations and gradients, compared with float64 stored in single precision.
  package var bound: Double { self == .reference ? 1e-6 : 1e-4 }
  /// The bound for a mean loss.
  package var lossBound: Double { self == .reference ? 1e-6 : 1e-5 }
}
