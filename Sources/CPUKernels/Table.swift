import CPUKernelTable

#if X86_64_V4
  private let variantName = "x86-64-v4"
#elseif X86_64_V3
  private let variantName = "x86-64-v3"
#else
  private let variantName = "baseline"
#endif

/// The kernels of this build. The caller must make sure that the processor has this build's instructions.
package func makeKernelTable() -> CPUKernelTable {
  CPUKernelTable(
    name: variantName,
    packPanel: { packPanel($0, $1) },
    multiplyPanel: { multiplyPanel($0) },
    columnSums: { columnSums($0) },
    layerNorm: { layerNorm($0) },
    layerNormBackward: { layerNormBackward($0) },
    layerNormWeightGradient: { layerNormWeightGradient($0) },
    touch: { touch($0) },
    attention: { attention($0) },
    attentionBackward: { attentionBackward($0) },
    crossEntropy: { crossEntropy($0) },
    adam: { adam($0) },
    add: { add($0) },
    rotary: { rotary($0) },
    squaredSum: { squaredSum($0, $1) },
    multiplyAdds: { multiplyAdds($0, $1) }, multiplyAddsPerRound: multiplyAddsPerRound,
    triad: { triad($0) })
}
