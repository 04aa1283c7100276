/// A device whose driver compiles kernels on the user's machine. Whether its results are right depends on the
/// driver and on the kernels.
package protocol KernelCompiling: DeviceMemory {
  /// A digest that changes with the kernel family and with every source in it.
  var kernelDigest: String { get }
}
