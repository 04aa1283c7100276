import CPUKernelTable

/// The number of independent chains. It exceeds the latency of a multiply-add times the number of units that
/// run it. With the constant, the chains fit into the sixteen registers of a processor without AVX-512.
private let multiplyAddChains = 12

#if X86_64_V4
  private typealias Chain = SIMD16<Float>
#elseif X86_64_V3
  private typealias Chain = SIMD8<Float>
#else
  private typealias Chain = SIMD4<Float>
#endif

extension VariantKernels {
  /// The number of multiplications and additions in one round of `multiplyAdds`.
  package static var multiplyAddsPerRound: Int { 2 * multiplyAddChains * Chain.scalarCount }

  /// Computes `x = x·factor + factor` in every chain, `rounds` times. Returns a sum over all chains, so that
  /// the compiler removes none.
  package static func multiplyAdds(_ rounds: Int, _ factor: Float) -> Float {
    let f = Chain(repeating: factor)
    var (x0, x1, x2) = (f, f + 1, f + 2)
    var (x3, x4, x5) = (f + 3, f + 4, f + 5)
    var (x6, x7, x8) = (f + 6, f + 7, f + 8)
    var (x9, x10, x11) = (f + 9, f + 10, f + 11)
    for _ in 0..<rounds {
      x0 = chained(x0, f)
      x1 = chained(x1, f)
      x2 = chained(x2, f)
      x3 = chained(x3, f)
      x4 = chained(x4, f)
      x5 = chained(x5, f)
      x6 = chained(x6, f)
      x7 = chained(x7, f)
      x8 = chained(x8, f)
      x9 = chained(x9, f)
      x10 = chained(x10, f)
      x11 = chained(x11, f)
    }
    let total = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7)) + ((x8 + x9) + (x10 + x11))
    return total[0] + total[Chain.scalarCount - 1]
  }
}

@inline(always)
private func chained(_ x: Chain, _ f: Chain) -> Chain {
  #if X86_64_V3 || X86_64_V4 || arch(arm64)
    f.addingProduct(x, f)
  #else
    x * f + f
  #endif
}

extension VariantKernels {
  /// `output = left + scale·right`, element by element.
  package static func triad(_ task: TriadSpan) {
    var i = 0
    while i < task.count {
      let count = task.count - i
      store(
        multiplyAdd(task.scale, load(task.right + i, count), load(task.left + i, count)), task.output + i,
        count
      )
      i += vectorWidth
    }
  }
}
