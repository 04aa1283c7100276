import Foundation
import OpenCLDevice

/// The OpenCL devices that tests run on, and whether there must be one.
///
/// With `CAUSALGAP_REQUIRE_OPENCL=1` (as in `ci/test`) a test that needs OpenCL fails where there is none. Without it such
/// tests are skipped, so that the others can run on any machine.
package enum TestOpenCL {
  package static let isRequired = ProcessInfo.processInfo.environment["CAUSALGAP_REQUIRE_OPENCL"] == "1"

  /// Whether tests that need OpenCL run: there is a device, or there has to be one.
  package static var isEnabled: Bool { isRequired || !devices.isEmpty }

  /// Every device found; empty where none is or discovery fails.
  package static var devices: [OpenCLDeviceInfo] { (try? discovered.get()) ?? [] }

  /// The first device: PoCL in CI.
  ///
  /// - Throws: ``MissingOpenCL`` with the reason where there is none.
  package static func first() throws -> OpenCLDeviceInfo {
    do {
      guard let first = try discovered.get().first else { throw MissingOpenCL(reason: "no device was found") }
      return first
    } catch {
      throw MissingOpenCL(reason: "\(error)")
    }
  }

  private static let discovered = Result { try OpenCLPlatforms.discover() }
}

/// No OpenCL device where a test needs one.
package struct MissingOpenCL: Error, CustomStringConvertible {
  package var reason: String

  package var description: String {
    "an OpenCL device is required (CAUSALGAP_REQUIRE_OPENCL=1): \(reason)"
  }
}
