/// The OpenCL C sources of the house, one file an operation with its gradients, embedded in the binary; `_local` is
/// the family for GPUs. Gradients whose parameters are tuned apart have a file of their own.
///
/// Every file opens with its `#ifndef` parameters and their constraints and compiles alone.
package enum KernelSources: String, CaseIterable, Sendable {
  case adam
  case attention
  case attentionBackwardLocal = "attention_backward_local"
  case attentionLocal = "attention_local"
  case columnMeans = "column_means"
  case columnMeansLocal = "column_means_local"
  case crossEntropy = "cross_entropy"
  case crossEntropyLocal = "cross_entropy_local"
  case embedding
  case embeddingBackwardLocal = "embedding_backward_local"
  case layerNorm = "layer_norm"
  case layerNormLocal = "layer_norm_local"
  case layerNormWeightGradientLocal = "layer_norm_weight_gradient_local"
  case matmul
  case matmulInputGradientLocal = "matmul_input_gradient_local"
  case matmulLocal = "matmul_local"
  case matmulNaive = "matmul_naive"
  case matmulWeightGradient = "matmul_weight_gradient"
  case matmulWeightGradientLocal = "matmul_weight_gradient_local"
  case replaceRows = "replace_rows"
  case roof
  case rotary
  case rows
  case segmentNorms = "segment_norms"

  /// As in `Kernels/`.
  package var fileName: String { "\(rawValue).cl" }

  package var source: String { String(decoding: bytes, as: UTF8.self) }

  private var bytes: [UInt8] {
    switch self {
    case .adam: PackageResources.adam_cl
    case .attention: PackageResources.attention_cl
    case .attentionBackwardLocal: PackageResources.attention_backward_local_cl
    case .attentionLocal: PackageResources.attention_local_cl
    case .columnMeans: PackageResources.column_means_cl
    case .columnMeansLocal: PackageResources.column_means_local_cl
    case .crossEntropy: PackageResources.cross_entropy_cl
    case .crossEntropyLocal: PackageResources.cross_entropy_local_cl
    case .embedding: PackageResources.embedding_cl
    case .embeddingBackwardLocal: PackageResources.embedding_backward_local_cl
    case .layerNorm: PackageResources.layer_norm_cl
    case .layerNormLocal: PackageResources.layer_norm_local_cl
    case .layerNormWeightGradientLocal: PackageResources.layer_norm_weight_gradient_local_cl
    case .matmul: PackageResources.matmul_cl
    case .matmulInputGradientLocal: PackageResources.matmul_input_gradient_local_cl
    case .matmulLocal: PackageResources.matmul_local_cl
    case .matmulNaive: PackageResources.matmul_naive_cl
    case .matmulWeightGradient: PackageResources.matmul_weight_gradient_cl
    case .matmulWeightGradientLocal: PackageResources.matmul_weight_gradient_local_cl
    case .replaceRows: PackageResources.replace_rows_cl
    case .roof: PackageResources.roof_cl
    case .rotary: PackageResources.rotary_cl
    case .rows: PackageResources.rows_cl
    case .segmentNorms: PackageResources.segment_norms_cl
    }
  }
}
