import CPUKernelTable

extension VariantKernels {
  /// Single-precision numbers in half precision.
  package static func narrow(_ task: NarrowSpan) {
    var i = 0
    while i + vectorWidth <= task.count {
      let pairs = narrowed(load(task.input + i), task.isBrain)
      UnsafeMutableRawPointer(task.output + i).storeBytes(of: pairs, as: SIMD8<Int32>.self)
      i += vectorWidth
    }
    guard i < task.count else { return }
    let pairs = narrowed(load(task.input + i, task.count - i), task.isBrain)
    for lane in 0..<task.count - i {
      task.output[i + lane] = UInt16(truncatingIfNeeded: pairs[lane / 2] &>> (lane % 2 == 0 ? 0 : 16))
    }
  }
}

/// The numbers nearest to sixteen values, ties to even, in bfloat16 or in IEEE 754 binary16. The first of each pair is in
/// the lower half.
@inline(always)
private func narrowed(_ values: Vector, _ isBrain: Bool) -> SIMD8<Int32> {
  let sign = (bits(values) &>> 16) & 0x8000
  let magnitude = bits(values) & 0x7fff_ffff
  let value = vector(magnitude)
  let rounded: Vector
  if isBrain {
    let finite = (magnitude &+ 0x7fff &+ ((magnitude &>> 16) & 1)) &>> 16
    rounded = vector(finite).replacing(with: number(0x7fc0), where: value .!= value)
  } else {
    // The biases of the exponents differ by 112.
    let odd = (magnitude &>> 13) & 1
    let normal = (magnitude &- (112 << 23) &+ 0xfff &+ odd) &>> 13
    // Below 2^-14 the spacing is 2^-24, which is also that of single precision above 1/2.
    let small = bits(value + 0.5) &- 0x3f00_0000
    // At 2^16 all numbers of the format are exceeded; just below, rounding leads to infinity.
    rounded = vector(normal).replacing(with: vector(small), where: value .< 0x1p-14)
      .replacing(with: number(0x7c00), where: value .>= 0x1p16)
      .replacing(with: number(0x7e00), where: value .!= value)
  }
  let all = bits(rounded) | sign
  return all.evenHalf & 0xffff | all.oddHalf &<< 16
}

@inline(always)
private func number(_ bits: Int32) -> Vector { vector(SIMD16<Int32>(repeating: bits)) }
