import Compute

/// The two sets of kernels, and the one place that chooses between them: by the type of device, never by the size
/// of an ensemble.
package enum KernelFamily: String, CaseIterable, Sendable {
  /// A work-item is a stretch of SIMD code on one core: tiles in registers, no barrier. For CPUs.
  case register
  /// Many small work-items that share tiles in local memory: the `_local` files. For GPUs.
  case local

  package static func choose(_ kind: DeviceDescription.Kind) -> KernelFamily {
    kind == .gpu ? .local : .register
  }

  /// What a work-item takes in the kernels common to both families.
  var grain: KernelGrain { self == .local ? .fine : .coarse }
}

/// How much a work-item takes in kernels that don't share anything between work-items. No result depends on it.
struct KernelGrain: Equatable, Sendable {
  /// Rows, in kernels that work row by row.
  var rows: Int
  /// Columns, in kernels that work column by column: 1 or 16.
  var columns: Int
  /// Columns, where rows are only moved.
  var movedColumns: Int
  /// Elements of flat buffers.
  var elements: Int
  /// Work-items of a group.
  var workGroup: Int

  /// A work-group is nothing but a way to count.
  static let coarse = KernelGrain(rows: 8, columns: 16, movedColumns: 1024, elements: 4096, workGroup: 1)

  /// Neighbours on neighbouring columns. Several rows a work-item keep the groups of a large ensemble's rows few in
  /// the dimensions that drivers bound at 65,535.
  static let fine = KernelGrain(rows: 8, columns: 1, movedColumns: 1, elements: 1, workGroup: 128)

  /// A work-group of at most `workGroup` items for a grid, filled from the first dimension on.
  func local(_ global: [Int], largest: Int) -> [Int] {
    var left = min(workGroup, largest)
    return global.map { extent in
      var size = 1
      while size < extent, size * 2 <= left { size *= 2 }
      left /= size
      return size
    }
  }
}
