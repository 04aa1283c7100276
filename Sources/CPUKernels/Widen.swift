import CPUKernelTable

extension VariantKernels {
  /// Numbers in half precision as single-precision numbers.
  package static func widen(_ task: WidenSpan) {
    var i = 0
    while i + vectorWidth <= task.count {
      let pairs = UnsafeRawPointer(task.input + i).loadUnaligned(as: SIMD8<UInt32>.self)
      store(widened(pairs, task.isBrain), task.output + i)
      i += vectorWidth
    }
    guard i < task.count else { return }
    var pairs = SIMD8<UInt32>(repeating: 0)
    for lane in 0..<task.count - i {
      pairs[lane / 2] |= UInt32(task.input[i + lane]) << (lane % 2 == 0 ? 0 : 16)
    }
    store(widened(pairs, task.isBrain), task.output + i, task.count - i)
  }
}

/// The values of sixteen numbers, in bfloat16 or in IEEE 754 binary16. The first of each pair is in the lower half.
@inline(always)
private func widened(_ pairs: SIMD8<UInt32>, _ isBrain: Bool) -> Vector {
  var wide = SIMD16<UInt32>(repeating: 0)
  wide.evenHalf = pairs & 0xffff
  wide.oddHalf = pairs &>> 16
  if isBrain { return unsafeBitCast(wide &<< 16, to: Vector.self) }
  let sign = (wide & 0x8000) &<< 16
  let magnitude = (wide & 0x7fff) &<< 13
  // With exponent and fraction at their places, a product adds the difference of the exponents' biases; it is exact,
  // also for subnormal numbers. Infinities and NaNs have come out as 2^16 and above, and keep the largest exponent.
  let scaled = unsafeBitCast(magnitude, to: Vector.self) * 0x1p112
  let special = unsafeBitCast(magnitude | 0x7f80_0000, to: Vector.self)
  let value = scaled.replacing(with: special, where: scaled .>= 0x1p16)
  return unsafeBitCast(unsafeBitCast(value, to: SIMD16<UInt32>.self) | sign, to: Vector.self)
}
