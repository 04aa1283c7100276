import COpenCL
import Compute

/// The one place where a failed call becomes an error, which names the call, the status and the objects
/// concerned.
func check(_ status: cl_int, call: String, detail: @autoclosure () -> String = "") throws {
  guard status == CL_SUCCESS else {
    let status = OpenCLStatus(status)
    let details = [detail(), status.hint ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")
    throw status.isShortage
      ? ComputeError.exhausted(call: call, status: "\(status)", detail: details)
      : ComputeError.driver(call: call, status: "\(status)", detail: details)
  }
}

/// Checks the status of a call that creates an object, and returns the object.
func check<Object>(
  _ object: Object?, _ status: cl_int, call: String, detail: @autoclosure () -> String = ""
) throws -> Object {
  try check(status, call: call, detail: detail())
  guard let object else {
    throw ComputeError.driver(call: call, status: "no object", detail: detail())
  }
  return object
}
