import COpenCL
import Compute

@testable import OpenCLDevice

/// A function table in which a test can set single functions. All others must not be called.
enum FailingLibrary {
  static func make() throws -> OpenCLLibrary {
    let trap: @convention(c) () -> cl_int = { -59 }
    return try OpenCLLibrary { _ in unsafeBitCast(trap, to: UnsafeMutableRawPointer.self) }
  }
}
