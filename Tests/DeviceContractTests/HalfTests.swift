import Compute
import HalfPrecision
import Testing

@Suite("Half precision", .serialized)
struct HalfTests {
  @Test("every number of a format is nearest to itself", arguments: HalfFormat.allCases)
  func roundTrip(format: HalfFormat) {
    for bits in UInt16.min...UInt16.max where !format.value(bits).isNaN {
      #expect(format.bits(format.value(bits)) == bits)
    }
    #expect(format.value(format.bits(.nan)).isNaN)
  }

  @Test(
    "half-way between two numbers the one with an even fraction is nearest", arguments: HalfFormat.allCases)
  func ties(format: HalfFormat) {
    let infinity: UInt16 = format == .float16 ? 0x7c00 : 0x7f80
    for lower in stride(from: UInt16(0), to: infinity - 1, by: 1) {
      let (below, above) = (Double(format.value(lower)), Double(format.value(lower + 1)))
      let middle = Float((below + above) / 2)
      guard Double(middle) == (below + above) / 2 else { continue }
      #expect(format.bits(middle) == lower + lower % 2)
      #expect(format.bits(middle.nextDown) == lower)
      #expect(format.bits(-middle.nextUp) == (lower + 1) | 0x8000)
    }
  }

  @Test("what no number of the format can be: the same on every device", arguments: ContractDevice.all)
  func special(device: ContractDevice) throws {
    let device = try device.make()
    let largest = Float(bitPattern: 0x477f_efff)
    let values: [Float] = [
      .infinity, -.infinity, .nan, 0, -0.0, 65504, largest, largest.nextUp, -65536, .greatestFiniteMagnitude,
      0x1p-25, 0x1.000002p-25, -0x1p-24, .leastNonzeroMagnitude, 1, -1 / 3, 2049, 2051,
    ]
    for format in HalfFormat.allCases {
      let words = try device.makeBuffer(count: values.count / 2, .int32)
      let half = HalfMatrix(words, format, columns: values.count)
      let output = Matrix(try device.makeBuffer(count: values.count), columns: values.count)
      try device.narrow(
        Narrow(input: Matrix(try device.makeBuffer(values), columns: values.count), output: half, count: 1))
      try device.widen(Widen(input: half, output: output, count: 1))
      for (value, found) in zip(values, try device.read(output.buffer)) {
        let expected = format.value(format.bits(value))
        #expect(
          found.bitPattern == expected.bitPattern || found.isNaN && expected.isNaN,
          "\(value) as \(format): \(found), expected \(expected)")
      }
    }
  }
}
