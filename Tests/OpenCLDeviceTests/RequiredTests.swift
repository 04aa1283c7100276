import Compute
import OpenCLDevice
import TestDevices
import Testing

@Suite("OpenCL in the tests")
struct RequiredTests {
  @Test(
    "is found and runs both families if CAUSALGAP_REQUIRE_OPENCL=1",
    .enabled(if: TestOpenCL.isRequired))
  func required() throws {
    let info = try TestOpenCL.first()
    for family in KernelFamily.allCases {
      let device = try OpenCLDevice(info, family: family)
      let row = Matrix(try device.makeBuffer([1, 2] as [Float]), columns: 2)
      try device.add(Add(left: row, right: row, output: row, count: 1))
      #expect(try device.read(row.buffer) == [2, 4])
    }
  }

  @Test("is among the devices of model tests if it is found or required")
  func backends() {
    let families = Backend.allCases.filter { $0 != .reference && $0 != .cpu }
    #expect(families.count == (TestOpenCL.isEnabled ? KernelFamily.allCases.count : 0))
  }
}
