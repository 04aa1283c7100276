import COpenCL
import Compute

@testable import OpenCLDevice

/// A table whose functions may be put in place one by one; none of the others may be called.
enum FailingLibrary {
  static func make() throws -> OpenCLLibrary {
    let trap: @convention(c) () -> cl_int = { -59 }
    return try OpenCLLibrary { _ in unsafeBitCast(trap, to: UnsafeMutableRawPointer.self) }
  }
}
