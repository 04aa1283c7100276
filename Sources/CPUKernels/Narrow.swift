import CPUKernelTable

extension VariantKernels {
  /// Single-precision numbers in half precision.
  package static func narrow(_ task: NarrowSpan) {
    var i = 0
    while i + vectorWidth <= task.count {
      let numbers = narrowed(load(task.input + i), task.isBrain)
      UnsafeMutableRawPointer(task.output + i).storeBytes(of: numbers, as: SIMD16<UInt16>.self)
      i += vectorWidth
    }
    guard i < task.count else { return }
    let numbers = narrowed(load(task.input + i, task.count - i), task.isBrain)
    for lane in 0..<task.count - i { task.output[i + lane] = numbers[lane] }
  }
}

/// The numbers nearest to sixteen values, ties to even, in bfloat16 or in IEEE 754 binary16.
@inline(always)
private func narrowed(_ values: Vector, _ isBrain: Bool) -> SIMD16<UInt16> {
  let bits = unsafeBitCast(values, to: SIMD16<UInt32>.self)
  let magnitude = bits & 0x7fff_ffff
  let sign = (bits &>> 16) & 0x8000
  let isNaN = magnitude .> 0x7f80_0000
  if isBrain {
    let rounded = (magnitude &+ 0x7fff &+ ((magnitude &>> 16) & 1)) &>> 16
    return SIMD16<UInt16>(truncatingIfNeeded: sign | rounded.replacing(with: 0x7fc0, where: isNaN))
  }
  // The biases of the exponents differ by 112.
  let normal = (magnitude &- (112 << 23) &+ 0xfff &+ ((magnitude &>> 13) & 1)) &>> 13
  // Below 2^-14 the spacing is 2^-24, which is also that of single precision above 1/2.
  let shifted = unsafeBitCast(magnitude, to: Vector.self) + 0.5
  let small = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &- 0x3f00_0000
  // At 2^16 all numbers of the format are exceeded; just below, rounding leads to infinity.
  let finite = normal.replacing(with: small, where: magnitude .< 0x3880_0000)
  let all = finite.replacing(with: 0x7c00, where: magnitude .>= 0x4780_0000)
  return SIMD16<UInt16>(truncatingIfNeeded: sign | all.replacing(with: 0x7e00, where: isNaN))
}
