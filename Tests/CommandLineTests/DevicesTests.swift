import Foundation
import Records
import TestSupport
import Testing

@Suite("A machine without OpenCL, or with less than was requested")
struct DevicesTests {
  private let noLoader = ["CAUSALGAP_OPENCL_LIBRARY": "/nonexistent/libOpenCL.so.1"]
  private let noPlatform = ["OCL_ICD_VENDORS": "/nonexistent"]

  @Test("lists its devices and says why OpenCL is missing")
  func list() throws {
    try withFolder { folder in
      let outcome = try Program.run(["devices"], in: folder, environment: noLoader)
      #expect(outcome.code == 0)
      #expect(outcome.output.contains("OpenCL: no OpenCL loader (/nonexistent/libOpenCL.so.1)"))
      #expect(outcome.output.contains("auto picks cpu"))
    }
  }

  @Test("treats a library that is not a loader as a missing one")
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

  @Test("runs a study with --device auto on the CPU, and says so once")
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

  @Test("gives an error of one line if OpenCL is requested by name and missing")
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
