import Compute
import Testing

@testable import CPUDevice

@Suite("A buffer's memory")
struct BufferMemoryTests {
  /// Around 16 KiB and 4 MiB, where memory comes from other places.
  @Test(
    "has zeros, also where another buffer was", arguments: [100, 4095, 4096, 20_000, (1 << 20) - 1, 1 << 20])
  func zeros(count: Int) throws {
    let device = try CPUDevice(threads: 1)
    for _ in 0..<3 {
      let buffer = try device.makeBuffer(count: count, .float32)
      let isZero = try device.read(buffer, 0..<count).allSatisfy { $0 == 0 }
      #expect(isZero)
      try device.write([Float](repeating: 1, count: count), to: buffer, at: 0)
    }
  }
}
