/// Everything that tests, `validate`, `bench` and `tune` know about an operation.
package struct OperationDescriptor: Sendable {
  package let name: String
  /// All cases that a device must pass.
  package let cases: [OperationCase]
  /// The few cases that expose a broken driver within a second.
  package let quick: [OperationCase]
  /// The cases for timing: the study's sizes at 1024 rows, one ensemble, and the sizes of a GPT-2-small at
  /// 512 rows.
  package let benchmarks: [OperationCase]
  /// The cases for timing whose work once grew faster than their operands: the sizes of large language models, which
  /// take gigabytes. Empty for most operations.
  package let large: [OperationCase]

  init(
    _ name: String, quick: [OperationCase], thorough: [OperationCase], benchmarks: [OperationCase],
    large: [OperationCase] = []
  ) {
    self.name = name
    self.quick = quick
    cases = quick + thorough
    self.benchmarks = benchmarks
    self.large = large
  }
}

/// The list of operations. A new one is added here and in a file of its own.
package enum OperationSuite {
  package static let all: [OperationDescriptor] = [
    embedding, embeddingBackward,
    layerNorm, layerNormBackward, layerNormWeightGradient, layerNormGradients,
    matmul, matmulInputGradient, matmulWeightGradient,
    gate, gateBackward, rotary, attention, attentionBackward,
    softCap, softCapBackward, crossEntropy, adam,
    gatherRows, scatterRows, sumRows, add, scale, widen, narrow, replaceRows, columnMeans,
    segmentNorms,
  ]

  /// Everything that `validate` checks. Memory comes first, because every case relies on it.
  package static let checked = [memory] + all

  /// The choice of cases to run.
  package enum Depth: Sendable {
    /// The quick cases, for a device and driver that are not trusted yet.
    case quick
    case full
  }
}
