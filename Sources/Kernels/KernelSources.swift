/// The OpenCL C sources of the program: one file for each operation with its gradients. Files with the suffix
/// `_local` are the kernel family for GPUs. Gradients whose parameters are tuned separately have a file of
/// their own.
///
/// A kernel file in `Kernels/` opens with its `#ifndef` parameters. Code that several kernels need is in
/// headers in the same folder, which the kernels include, so that every file compiles alone. The cases of
/// this enumeration and their sources are generated from the folder at every build (`Plugins/EmbedKernels`).
extension KernelSources {
  /// The name of the file in `Kernels/`.
  package var fileName: String { "\(rawValue).cl" }
}
