import CPUDevice
import Compute
import Devices
import ReferenceDevice
import Testing

@testable import Benchmark

@Suite("Roofs") struct RoofTests {
  @Test("the least time is the larger one of both roofs, at the best measured rates")
  func floors() {
    let roof = Roof(gflops: Spread([90, 100, 50]), gigabytesPerSecond: Spread([10, 8]))
    #expect(roof.floor(flops: 1e9, bytes: 1e7) == 0.01)
    #expect(roof.floor(flops: 1e9, bytes: 1e9) == 0.1)
    #expect(!roof.isMemoryBound(flops: 1e9, bytes: 1e7))
    #expect(roof.isMemoryBound(flops: 1e9, bytes: 1e9))
  }

  @Test("a triad computes every element on every device", arguments: [1, 17, 70_001])
  func triad(count: Int) throws {
    let left = (0..<count).map { Float($0 % 1000) }
    let right = (0..<count).map { Float($0 % 77) * 2 }
    for selection in DeviceCatalogue().selections {
      let device = try DeviceCatalogue.make(selection)
      let measurable = try #require(device as? any RoofMeasurable, "\(selection)")
      let output = try device.makeBuffer(count: count)
      try measurable.triad(
        left: device.makeBuffer(left), right: device.makeBuffer(right), scale: 0.5, output: output)
      #expect(try device.read(output) == zip(left, right).map { $0 + $1 / 2 })
      let short = try device.makeBuffer(count: count + 1)
      #expect(throws: ComputeError.self) {
        try measurable.triad(left: short, right: short, scale: 1, output: output)
      }
    }
  }

  @Test(
    "twice as many rounds of multiply-adds count twice as many operations", arguments: CPUVariant.supported)
  func multiplyAdds(variant: CPUVariant) throws {
    let device = try CPUDevice(variant: variant, threads: 2)
    let once = try device.multiplyAdds(rounds: 10, form: 0)
    #expect(once > 0)
    #expect(try device.multiplyAdds(rounds: 20, form: 0) == 2 * once)
  }

  @Test("a device without a roof is refused")
  func reference() {
    #expect(throws: BenchmarkError.self) {
      try Benchmark(on: ReferenceDevice(), .init(), executable: nil) { _ in }.run()
    }
  }
}
