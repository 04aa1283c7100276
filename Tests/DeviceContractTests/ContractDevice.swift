import CPUDevice
import Compute
import OpenCLDevice
import ReferenceDevice
import TestDevices
import Testing

/// A device that must keep the contract: the reference, every CPU variant, and OpenCL with both families of
/// kernels.
enum ContractDevice: Sendable, CustomTestStringConvertible {
  case reference
  case cpu(CPUVariant)
  case opencl(KernelFamily)

  static let all: [ContractDevice] =
    [.reference] + CPUVariant.supported.map { .cpu($0) }
    + (TestOpenCL.isEnabled ? KernelFamily.allCases.map { .opencl($0) } : [])

  var testDescription: String {
    switch self {
    case .reference: "reference"
    case .cpu(let variant): "cpu:\(variant.rawValue)"
    case .opencl(let family): "opencl:\(family.rawValue)"
    }
  }

  /// A device with an empty queue and nothing cached in the process.
  func make() throws -> any Device {
    switch self {
    case .reference: ReferenceDevice()
    case .cpu(let variant): try CPUDevice(variant: variant, threads: 3)
    case .opencl(let family): try OpenCLDevice(TestOpenCL.first(), family: family)
    }
  }
}

/// A buffer that no device made.
final class ForeignBuffer: Buffer {
  let count: Int
  let elementType: ElementType

  init(count: Int, _ elementType: ElementType = .float32) {
    (self.count, self.elementType) = (count, elementType)
  }
}

extension Device {
  func matrix(_ values: [Float], columns: Int) throws -> Matrix {
    Matrix(try makeBuffer(values), columns: columns)
  }
}
