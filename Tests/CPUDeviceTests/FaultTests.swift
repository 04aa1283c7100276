import CPUDevice
import Compute
import TestDevices
import Testing

@Suite("Error messages of a CPU device") struct FaultTests {
  let lab: CPULab
  init() throws { lab = try CPULab(seed: 41) }

  @Test("a message about an invalid token names the token and its place")
  func message() throws {
    #expect {
      try lab.device.gatherRows(
        GatherRows(
          input: Matrix(try lab.random(8), columns: 2),
          indices: try lab.device.makeBuffer([0, 3, 9] as [Int32]),
          output: Matrix(try lab.random(8), columns: 2), count: 3))
    } throws: {
      "\($0)".contains(GatherRows.name) && "\($0)".contains("9 at 2")
    }
  }

  @Test("an unsupported variant is refused with a list of the supported ones")
  func variants() throws {
    #expect(CPUVariant.supported.first == .baseline)
    #expect(CPUVariant.best == CPUVariant.supported.last)
    for variant in CPUVariant.allCases {
      if CPUVariant.supported.contains(variant) {
        let device = try CPUDevice(variant: variant, threads: 1)
        #expect(device.variant == variant)
        #expect(device.description.selector == "cpu:\(variant.rawValue)")
        #expect(device.description.driver == variant.rawValue)
      } else {
        #expect {
          try CPUDevice(variant: variant, threads: 1)
        } throws: { error in
          "\(error)".contains(variant.rawValue)
            && CPUVariant.supported.allSatisfy { "\(error)".contains($0.rawValue) }
        }
      }
    }
    #expect(try CPUDevice(threads: 1).description.selector == "cpu")
  }
}
