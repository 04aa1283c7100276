/// A device that counts the kernels it queues.
package protocol LaunchCounting: DeviceMemory {
  /// The number of kernels queued so far.
  var launchCount: Int { get }
}
