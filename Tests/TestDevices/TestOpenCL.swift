import Foundation
import OpenCLDevice

/// The OpenCL devices for tests, and whether a test requires one.
///
/// With `CAUSALGAP_REQUIRE_OPENCL=1` (as in `ci/test`), a test that needs OpenCL fails if no device exists.
/// Without it, such tests are skipped, so that the others can run on any machine.
package enum TestOpenCL {
  package static let isRequired = ProcessInfo.processInfo.environment["CAUSALGAP_REQUIRE_OPENCL"] == "1"

  /// Whether tests that need OpenCL run: a device exists or is required.
  package static var isEnabled: Bool { isRequired || !devices.isEmpty }

  /// All devices found; empty if none exists or if the search fails.
  package static var devices: [OpenCLDeviceInfo] { (try? discovered.get()) ?? [] }

  /// The first device: PoCL in CI.
  ///
  /// - Throws: ``MissingOpenCL`` with the reason if no device exists.
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

/// A test needs an OpenCL device, and none exists.
package struct MissingOpenCL: Error, CustomStringConvertible {
  package var reason: String

  package var description: String {
    "an OpenCL device is required (CAUSALGAP_REQUIRE_OPENCL=1): \(reason)"
  }
}
