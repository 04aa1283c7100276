import Foundation
import Records
import TestSupport
import Testing

@Suite("A machine without OpenCL, or with less than was asked for")
struct DevicesTests {
  private let noLoader = ["CAUSALGAP_OPENCL_LIBRARY": "/nonexistent/libOpenCL.so.1"]
  private let noPlatform = ["OCL_ICD_VENDORS": "/nonexistent"]

  @Test("without a loader the list of devices works and says why there is no OpenCL")
  func list() throws {
    try withFolder { folder in
      let outcome = try Program.run(["devices"], in: folder, environment: noLoader)
      #expect(outcome.code == 0)
      #expect(outcome.output.contains("OpenCL: no OpenCL loader (/nonexistent/libOpenCL.so.1)"))
      #expect(outcome.output.contains("auto picks cpu"))
    }
  }

  @Test("a loader that is none counts as none")
  func garbageLoader() throws {
    try withFolder { folder in
      let loader = folder.appendingPathComponent("libOpenCL.so.1")
      try Data("garbage".utf8).write(to: loader)
      let outcome = try Program.run(
        ["devices"], in: folder, environment: ["CAUSALGAP_OPENCL_LIBRARY": loader.path])
      #expect(outcome.code == 0)
      #expect(outcome.output.contains("no OpenCL loader"))
    }
  }

  @Test("without a loader a study on auto runs on the CPU, and says so once")
  func automatic() throws {
    try withFolder { folder in
      let arguments = ["study", "--tasks", "sort", "--seeds", "1", "--max-steps", "40", "--device", "auto"]
      let outcome = try Program.run(
        arguments + Program.shape + ["--output", "s"], in: folder, environment: noLoader)
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(outcome.errorLines.count { $0.contains("no OpenCL loader") } == 1)
      let records = try StudyFolder(folder.appendingPathComponent("s")).readRecords()
      #expect(records.map(\.device.selector) == ["cpu"])
    }
  }

  @Test("OpenCL asked for by name is an error of one line where it is missing")
  func named() throws {
    try withFolder { folder in
      let arguments = ["study", "--seeds", "1"] + Program.shape
      expectRefusal(
        try Program.run(arguments + ["--device", "opencl"], in: folder, environment: noLoader), code: 1,
        "no OpenCL loader", "--device cpu")
      expectRefusal(
        try Program.run(arguments + ["--device", "opencl"], in: folder, environment: noPlatform), code: 1,
        "OpenCL", "--device cpu")
      expectRefusal(try Program.run(arguments + ["--device", "opencl:9:9"], in: folder), code: 1, "OpenCL")
      #expect(try contents(of: folder).isEmpty)
    }
  }
}
