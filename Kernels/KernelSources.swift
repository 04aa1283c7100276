/// The OpenCL C sources of the house, one file an operation, embedded in the binary.
///
/// Every file opens with its `#ifndef` parameters and their constraints and compiles alone.
public enum KernelSources: String, CaseIterable, Sendable {
  case adam
  case attention
  case columnMeans = "column_means"
  case crossEntropy = "cross_entropy"
  case embedding
  case layerNorm = "layer_norm"
  case matmul
  case matmulNaive = "matmul_naive"
  case matmulWeightGradient = "matmul_weight_gradient"
  case replaceRows = "replace_rows"
  case roof
  case rows
  case segmentNorms = "segment_norms"

  /// As in `Kernels/`.
  public var fileName: String { "\(rawValue).cl" }

  public var source: String { String(decoding: bytes, as: UTF8.self) }

  private var bytes: [UInt8] {
    switch self {
    case .adam: PackageResources.adam_cl
    case .attention: PackageResources.attention_cl
    case .columnMeans: PackageResources.column_means_cl
    case .crossEntropy: PackageResources.cross_entropy_cl
    case .embedding: PackageResources.embedding_cl
    case .layerNorm: PackageResources.layer_norm_cl
    case .matmul: PackageResources.matmul_cl
    case .matmulNaive: PackageResources.matmul_naive_cl
    case .matmulWeightGradient: PackageResources.matmul_weight_gradient_cl
    case .replaceRows: PackageResources.replace_rows_cl
    case .roof: PackageResources.roof_cl
    case .rows: PackageResources.rows_cl
    case .segmentNorms: PackageResources.segment_norms_cl
    }
  }
}
