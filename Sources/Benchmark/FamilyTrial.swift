import Compute

/// Whether a device is worth trying with its other family of kernels: some GPUs keep no private arrays in registers, and run
/// the kernels for GPUs slowly.
package struct FamilyTrial {
  /// The products of matrices, timed.
  private let timings: [OperationTiming]

  /// A device whose products reach less than this share of its roof is slow. Those that the kernels were written for reach
  /// more than twice as much.
  private static let slow = 0.1
  /// How many times as fast the other family must be to be taken.
  private static let gain = 1.25

  /// Times products on a device.
  package init(on device: any Device) throws {
    var options = Benchmark.Options()
    (options.operations, options.quick) = ([Matmul.name], true)
    self.init(try Benchmark(on: device, options, executable: nil) { _ in }.run().operations)
  }

  init(_ timings: [OperationTiming]) { self.timings = timings }

  /// Whether no product comes near what the device can do.
  package var isSlow: Bool { (timings.map(\.share).max() ?? 0) < Self.slow }

  private var milliseconds: Double { timings.reduce(0) { $0 + $1.milliseconds.median } }

  /// How many times as fast this family is on all products together.
  package func speed(against other: FamilyTrial) -> Double { other.milliseconds / milliseconds }

  /// Whether this family should take the place of the other.
  package func replaces(_ other: FamilyTrial) -> Bool { speed(against: other) >= Self.gain }
}
