/// The arithmetic of the CPU device, built once for each instruction set.
///
/// The functions work on plain pointers, on one thread, and allocate nothing: `CPUDevice` splits an
/// operation into tasks, finds the memory and calls these. They take no generics and no closures, so that
/// nothing compiled for a newer processor can be shared by name with code for an older one.
///
/// Each function stands beside its arguments. A build that lacks one does not compile.
package protocol CPUKernels: MatmulKernels, LayerNormKernels, AttentionKernels, RowKernels, RoofKernels {}

/// Sizes that the device and all builds of the kernels share.
package enum KernelSizes {
  /// The number of columns in a packed panel of matrix B.
  package static let panelWidth = 32
  /// The greatest number of rows in a tile that a product of fewer rows fills only in part.
  package static let mostTileRows = 8
  /// The number of floats in the widest vector. Rows in scratch memory are padded to a multiple of it.
  package static let vectorWidth = 16
}
