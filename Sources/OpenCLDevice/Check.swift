import COpenCL
import Compute

/// The one place where a failed call becomes an error: names the call, the status and what it was about.
func check(_ status: cl_int, call: String, detail: @autoclosure () -> String = "") throws {
  guard status == CL_SUCCESS else {
    throw ComputeError.driver(call: call, status: "\(OpenCLStatus(status))", detail: detail())
  }
}

/// The object a creating call returned.
func check<Object>(
  _ object: Object?, _ status: cl_int, call: String, detail: @autoclosure () -> String = ""
) throws -> Object {
  try check(status, call: call, detail: detail())
  guard let object else {
    throw ComputeError.driver(call: call, status: "no object", detail: detail())
  }
  return object
}
