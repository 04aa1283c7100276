import CPUKernelTable

extension VariantKernels {
  /// Numbers in half precision as single-precision numbers.
  package static func widen(_ task: WidenSpan) {
    var i = 0
    while i + vectorWidth <= task.count {
      let halves = UnsafeRawPointer(task.input + i).loadUnaligned(as: SIMD16<UInt16>.self)
      store(widened(halves, task.isBrain), task.output + i)
      i += vectorWidth
    }
    guard i < task.count else { return }
    var halves = SIMD16<UInt16>(repeating: 0)
    for lane in 0..<task.count - i { halves[lane] = task.input[i + lane] }
    store(widened(halves, task.isBrain), task.output + i, task.count - i)
  }
}

/// The values of sixteen numbers, in bfloat16 or in IEEE 754 binary16.
@inline(always)
private func widened(_ halves: SIMD16<UInt16>, _ isBrain: Bool) -> Vector {
  let wide = SIMD16<UInt32>(truncatingIfNeeded: halves)
  if isBrain { return unsafeBitCast(wide &<< 16, to: Vector.self) }
  let sign = (wide & 0x8000) &<< 16
  let magnitude = wide & 0x7fff
  // With exponent and fraction at their places, a product adds the difference of the exponents' biases; it is exact,
  // also for subnormal numbers. Infinities and NaNs keep the largest exponent.
  let scaled = unsafeBitCast(magnitude &<< 13, to: Vector.self) * 0x1p112
  let finite = unsafeBitCast(scaled, to: SIMD16<UInt32>.self)
  let value = finite.replacing(with: magnitude &<< 13 | 0x7f80_0000, where: magnitude .>= 0x7c00)
  return unsafeBitCast(value | sign, to: Vector.self)
}
