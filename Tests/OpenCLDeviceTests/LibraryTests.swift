import COpenCL
import Compute
import Testing

@testable import OpenCLDevice

@Suite("The OpenCL loader")
struct LibraryTests {
  @Test("a missing loader is named, with what to do")
  func missingLoader() {
    #expect {
      try OpenCLLibrary.open(["libOpenCL-that-is-not-there.so.1"])
    } throws: { error in
      guard case ComputeError.unavailable(let reason) = error else { return false }
      return reason.contains("libOpenCL-that-is-not-there.so.1") && reason.contains("--device cpu")
    }
  }

  @Test("a loader that lacks a function is refused by that function's name")
  func missingFunction() {
    #expect {
      try OpenCLLibrary { _ in nil }
    } throws: { "\($0)".contains("clGetPlatformIDs") }
  }

  @Test("no platform, no device and a failing driver are three different errors")
  func discovery() throws {
    var library = try FailingLibrary.make()
    library.clGetPlatformIDs = { _, _, count in
      count?.pointee = 0
      return -1001
    }
    #expect { try OpenCLPlatforms.discover(library) } throws: { "\($0)".contains("no OpenCL platform found") }

    library.clGetPlatformIDs = { _, platforms, count in
      count?.pointee = 1
      platforms?.pointee = OpaquePointer(bitPattern: 8)
      return 0
    }
    library.clGetDeviceIDs = { _, _, _, _, _ in -1 }
    #expect { try OpenCLPlatforms.discover(library) } throws: { "\($0)".contains("none has a device") }

    library.clGetDeviceIDs = { _, _, _, _, _ in -6 }
    #expect {
      try OpenCLPlatforms.discover(library)
    } throws: { "\($0)".contains("clGetDeviceIDs failed with CL_OUT_OF_HOST_MEMORY") }
  }

  @Test("only statuses of memory mean that memory is short; another may mean much, and says so")
  func memoryStatuses() {
    for code in [CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_HOST_MEMORY, CL_INVALID_BUFFER_SIZE] {
      #expect(OpenCLStatus(code).isOutOfMemory)
    }
    for code in [CL_SUCCESS, CL_OUT_OF_RESOURCES, CL_INVALID_VALUE, CL_INVALID_MEM_OBJECT] {
      #expect(!OpenCLStatus(code).isOutOfMemory)
    }
    #expect {
      try check(CL_OUT_OF_RESOURCES, call: "clFinish", detail: "device")
    } throws: {
      "\($0)".hasPrefix("clFinish failed with CL_OUT_OF_RESOURCES: device; ")
        && "\($0)".contains("a kernel queued before has failed")
    }
  }

  @Test("statuses have the names of the OpenCL headers")
  func names() {
    #expect("\(OpenCLStatus(0))" == "CL_SUCCESS")
    #expect("\(OpenCLStatus(-11))" == "CL_BUILD_PROGRAM_FAILURE")
    #expect("\(OpenCLStatus(-19))" == "CL_KERNEL_ARG_INFO_NOT_AVAILABLE")
    #expect("\(OpenCLStatus(CL_INVALID_VALUE))" == "CL_INVALID_VALUE")
    #expect("\(OpenCLStatus(CL_INVALID_KERNEL_ARGS))" == "CL_INVALID_KERNEL_ARGS")
    #expect("\(OpenCLStatus(CL_INVALID_BUFFER_SIZE))" == "CL_INVALID_BUFFER_SIZE")
    #expect("\(OpenCLStatus(CL_MAX_SIZE_RESTRICTION_EXCEEDED))" == "CL_MAX_SIZE_RESTRICTION_EXCEEDED")
    #expect("\(OpenCLStatus(-9999))" == "status -9999")
  }

  @Test("a failed call names the call, the status and what it was about")
  func failure() {
    #expect {
      try check(-54, call: "clEnqueueNDRangeKernel", detail: "matmul, [64] work-items")
    } throws: {
      "\($0)"
        == "clEnqueueNDRangeKernel failed with CL_INVALID_WORK_GROUP_SIZE: matmul, [64] work-items"
    }
  }
}
