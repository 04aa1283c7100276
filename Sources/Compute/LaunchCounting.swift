/// A device that counts what it queues.
public protocol LaunchCounting: DeviceMemory {
  /// Kernels queued so far.
  var launchCount: Int { get }
}
