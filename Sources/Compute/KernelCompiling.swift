/// A device whose driver compiles kernels on the user's machine: whether it computes right depends on both.
package protocol KernelCompiling: DeviceMemory {
  /// Changes with the family of kernels and with every source in it.
  var kernelDigest: String { get }
}
