/// A device that counts what it queues.
package protocol LaunchCounting: DeviceMemory {
  /// Kernels queued so far.
  var launchCount: Int { get }
}
