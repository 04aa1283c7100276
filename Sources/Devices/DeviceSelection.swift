import CPUDevice
import Compute
import Errors
import OpenCLDevice
import ReferenceDevice

/// The device that the user asks for, in the form of `--device`.
package enum DeviceSelection: Equatable, Sendable {
  /// A GPU if there is one, else the CPU device.
  case auto
  /// The variant forces a build of the kernels: `cpu:baseline`, `cpu:x86-64-v3`, `cpu:x86-64-v4`.
  case cpu(CPUVariant?)
  case reference
  /// `opencl`, `opencl:PLATFORM` or `opencl:PLATFORM:DEVICE`. An additional `:register` or `:local` forces a
  /// kernel family.
  case opencl(String)

  /// All forms of `--device`, for messages and help.
  package static let names =
    "auto, cpu, cpu:VARIANT (\(CPUVariant.allCases.map(\.rawValue).joined(separator: ", "))), reference, or "
    + "opencl[:PLATFORM[:DEVICE]][:register|:local]"

  /// - Throws: `DeviceSelectionError` for a word that does not name a device.
  package init(_ text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    switch parts[0] {
    case "auto" where parts.count == 1: self = .auto
    case "reference" where parts.count == 1: self = .reference
    case "cpu" where parts.count == 1: self = .cpu(nil)
    case "cpu" where parts.count == 2:
      guard let variant = CPUVariant(rawValue: parts[1]) else { throw DeviceSelectionError(text: text) }
      self = .cpu(variant)
    case "opencl":
      let numbers = OpenCLSelector(text).device.split(separator: ":", omittingEmptySubsequences: false)
        .dropFirst()
      guard numbers.count <= 2, numbers.allSatisfy({ Int($0).map { $0 >= 0 } ?? false }) else {
        throw DeviceSelectionError(text: text)
      }
      self = .opencl(text)
    default: throw DeviceSelectionError(text: text)
    }
  }
}

/// A word does not name a device. The message lists the words that do.
package struct DeviceSelectionError: ExitCoded, CustomStringConvertible {
  var text: String

  package var exitCode: ProgramExit { .usage }

  package var description: String {
    let isGPU = ["gpu", "cuda", "nvidia", "amd", "rocm", "hip", "metal"].contains {
      text.lowercased().hasPrefix($0)
    }
    let advice =
      isGPU ? "a GPU is opencl or opencl:PLATFORM:DEVICE, and 'causalgap devices' lists what there is; " : ""
    return "there is no device '\(text)'; \(advice)use \(DeviceSelection.names)"
  }
}
