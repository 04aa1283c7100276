import CPUKernelTable

/// The kernels of this build. The caller must make sure that the processor has this build's instructions.
package enum VariantKernels: CPUKernels {}
