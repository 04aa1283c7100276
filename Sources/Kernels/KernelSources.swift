/// The OpenCL C sources of the program, one file for an operation with its gradients; `_local` is the family for GPUs.
/// Gradients whose parameters are tuned separately have a file of their own.
///
/// A kernel file in `Kernels/` opens with its `#ifndef` parameters. What several kernels need stands in headers
/// beside them, which they include; every file compiles alone. The cases and their sources are made from the folder
/// at every build (`Plugins/EmbedKernels`).
extension KernelSources {
  /// As in `Kernels/`.
  package var fileName: String { "\(rawValue).cl" }
}
