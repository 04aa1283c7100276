import COpenCL
import Compute
import Glibc

/// The OpenCL functions that this room calls, as one table. It is filled from the loader library on first
/// use, or by a test with functions that fail. Nothing links libOpenCL.
///
/// Unchecked: the function pointers never change, and OpenCL calls are thread-safe (except `clSetKernelArg`
/// on one kernel, and a device does not share its kernels).
struct OpenCLLibrary: @unchecked Sendable {
  var clGetPlatformIDs: cl_api_clGetPlatformIDs
  var clGetPlatformInfo: cl_api_clGetPlatformInfo
  var clGetDeviceIDs: cl_api_clGetDeviceIDs
  var clGetDeviceInfo: cl_api_clGetDeviceInfo
  var clCreateContext: cl_api_clCreateContext
  var clReleaseContext: cl_api_clReleaseContext
  var clCreateCommandQueue: cl_api_clCreateCommandQueue
  var clReleaseCommandQueue: cl_api_clReleaseCommandQueue
  var clFinish: cl_api_clFinish
  var clFlush: cl_api_clFlush
  var clCreateBuffer: cl_api_clCreateBuffer
  var clCreateSubBuffer: cl_api_clCreateSubBuffer
  var clReleaseMemObject: cl_api_clReleaseMemObject
  var clEnqueueFillBuffer: cl_api_clEnqueueFillBuffer
  var clEnqueueReadBuffer: cl_api_clEnqueueReadBuffer
  var clEnqueueWriteBuffer: cl_api_clEnqueueWriteBuffer
  var clEnqueueCopyBuffer: cl_api_clEnqueueCopyBuffer
  var clSetEventCallback: cl_api_clSetEventCallback
  var clReleaseEvent: cl_api_clReleaseEvent
  var clGetEventInfo: cl_api_clGetEventInfo
  var clEnqueueMarkerWithWaitList: cl_api_clEnqueueMarkerWithWaitList
  var clCreateProgramWithSource: cl_api_clCreateProgramWithSource
  var clCreateProgramWithBinary: cl_api_clCreateProgramWithBinary
  var clBuildProgram: cl_api_clBuildProgram
  var clGetProgramInfo: cl_api_clGetProgramInfo
  var clGetProgramBuildInfo: cl_api_clGetProgramBuildInfo
  var clReleaseProgram: cl_api_clReleaseProgram
  var clCreateKernel: cl_api_clCreateKernel
  var clGetKernelWorkGroupInfo: cl_api_clGetKernelWorkGroupInfo
  var clSetKernelArg: cl_api_clSetKernelArg
  var clReleaseKernel: cl_api_clReleaseKernel
  var clEnqueueNDRangeKernel: cl_api_clEnqueueNDRangeKernel

  /// - Throws: `ComputeError.unavailable`, which names the first function that `symbol` does not find.
  init(symbol: (String) -> UnsafeMutableRawPointer?) throws {
    func find<Function>(_ name: String, as type: Function.Type) throws -> Function {
      guard let address = symbol(name) else {
        throw ComputeError.unavailable(
          "the OpenCL loader has no function \(name); OpenCL 1.2 or later is needed")
      }
      return unsafeBitCast(address, to: type)
    }
    clGetPlatformIDs = try find("clGetPlatformIDs", as: cl_api_clGetPlatformIDs.self)
    clGetPlatformInfo = try find("clGetPlatformInfo", as: cl_api_clGetPlatformInfo.self)
    clGetDeviceIDs = try find("clGetDeviceIDs", as: cl_api_clGetDeviceIDs.self)
    clGetDeviceInfo = try find("clGetDeviceInfo", as: cl_api_clGetDeviceInfo.self)
    clCreateContext = try find("clCreateContext", as: cl_api_clCreateContext.self)
    clReleaseContext = try find("clReleaseContext", as: cl_api_clReleaseContext.self)
    clCreateCommandQueue = try find("clCreateCommandQueue", as: cl_api_clCreateCommandQueue.self)
    clReleaseCommandQueue = try find("clReleaseCommandQueue", as: cl_api_clReleaseCommandQueue.self)
    clFinish = try find("clFinish", as: cl_api_clFinish.self)
    clFlush = try find("clFlush", as: cl_api_clFlush.self)
    clCreateBuffer = try find("clCreateBuffer", as: cl_api_clCreateBuffer.self)
    clCreateSubBuffer = try find("clCreateSubBuffer", as: cl_api_clCreateSubBuffer.self)
    clReleaseMemObject = try find("clReleaseMemObject", as: cl_api_clReleaseMemObject.self)
    clEnqueueFillBuffer = try find("clEnqueueFillBuffer", as: cl_api_clEnqueueFillBuffer.self)
    clEnqueueReadBuffer = try find("clEnqueueReadBuffer", as: cl_api_clEnqueueReadBuffer.self)
    clEnqueueWriteBuffer = try find("clEnqueueWriteBuffer", as: cl_api_clEnqueueWriteBuffer.self)
    clEnqueueCopyBuffer = try find("clEnqueueCopyBuffer", as: cl_api_clEnqueueCopyBuffer.self)
    clSetEventCallback = try find("clSetEventCallback", as: cl_api_clSetEventCallback.self)
    clReleaseEvent = try find("clReleaseEvent", as: cl_api_clReleaseEvent.self)
    clGetEventInfo = try find("clGetEventInfo", as: cl_api_clGetEventInfo.self)
    clEnqueueMarkerWithWaitList = try find(
      "clEnqueueMarkerWithWaitList", as: cl_api_clEnqueueMarkerWithWaitList.self)
    clCreateProgramWithSource = try find(
      "clCreateProgramWithSource", as: cl_api_clCreateProgramWithSource.self)
    clCreateProgramWithBinary = try find(
      "clCreateProgramWithBinary", as: cl_api_clCreateProgramWithBinary.self)
    clBuildProgram = try find("clBuildProgram", as: cl_api_clBuildProgram.self)
    clGetProgramInfo = try find("clGetProgramInfo", as: cl_api_clGetProgramInfo.self)
    clGetProgramBuildInfo = try find("clGetProgramBuildInfo", as: cl_api_clGetProgramBuildInfo.self)
    clReleaseProgram = try find("clReleaseProgram", as: cl_api_clReleaseProgram.self)
    clCreateKernel = try find("clCreateKernel", as: cl_api_clCreateKernel.self)
    clGetKernelWorkGroupInfo = try find(
      "clGetKernelWorkGroupInfo", as: cl_api_clGetKernelWorkGroupInfo.self)
    clSetKernelArg = try find("clSetKernelArg", as: cl_api_clSetKernelArg.self)
    clReleaseKernel = try find("clReleaseKernel", as: cl_api_clReleaseKernel.self)
    clEnqueueNDRangeKernel = try find("clEnqueueNDRangeKernel", as: cl_api_clEnqueueNDRangeKernel.self)
  }

  /// Opens the first of `names` that exists.
  ///
  /// - Throws: `ComputeError.unavailable` if none exists.
  static func open(_ names: [String] = loaders) throws -> OpenCLLibrary {
    for name in names {
      // The library is never closed, because drivers have threads and exit handlers of their own.
      guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { continue }
      return try OpenCLLibrary { dlsym(handle, $0) }
    }
    throw ComputeError.unavailable(
      "no OpenCL loader (\(names.first ?? "libOpenCL.so.1")) found; install ocl-icd-libopencl1 or use --device cpu"
    )
  }

  /// The names of the loader library to try: only `CAUSALGAP_OPENCL_LIBRARY` if that is set.
  private static var loaders: [String] {
    if let named = getenv("CAUSALGAP_OPENCL_LIBRARY"), named.pointee != 0 { return [String(cString: named)] }
    return ["libOpenCL.so.1", "libOpenCL.so"]
  }

  /// The loader of this machine, opened once.
  static func shared() throws -> OpenCLLibrary { try opened.get() }

  private static let opened = Result { try open() }
}
