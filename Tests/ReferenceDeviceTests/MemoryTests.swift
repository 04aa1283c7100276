import Compute
import ReferenceDevice
import TestDevices
import Testing

@Suite struct MemoryTests {
  let lab = ReferenceLab(seed: 8)

  @Test("a new buffer has zeros; written doubles are kept exactly, and rounded by reads of floats")
  func precision() throws {
    let buffer = try lab.zeros(3)
    try lab.device.write([0.1], to: buffer, at: 1)
    #expect(try lab.device.readDoubles(buffer) == [0, 0.1, 0])
    #expect(try lab.device.read(buffer, 1..<3) == [Float(0.1), 0])
    #expect(lab.device.description.selector == "reference")
    #expect(lab.device.description.kind == .reference)
  }
}
