import Compute
import Kernels

/// The two sets of kernels, and the only place that chooses between them: by the type of the device, never by
/// the size of an ensemble.
package enum KernelFamily: String, CaseIterable, Sendable {
  /// For CPUs: a work-item is a stretch of SIMD code on one core, with tiles in registers and without
  /// barriers.
  case register
  /// For GPUs: many small work-items share tiles in local memory. These are the `_local` files.
  case local

  /// The family of a kernel file. Files without a twin, which both families run, count as `register`.
  init(_ file: KernelSources) { self = file.rawValue.hasSuffix("_local") ? .local : .register }

  /// The family for a type of device, unless another is forced.
  package static func choose(_ kind: DeviceDescription.Kind) -> KernelFamily {
    kind == .gpu ? .local : .register
  }

  /// The work per work-item in the kernels that both families use.
  var grain: KernelGrain { self == .local ? .fine : .coarse }
}

/// How much work a work-item does in kernels whose work-items share nothing. No result depends on it.
struct KernelGrain: Equatable, Sendable {
  /// The number of rows, in kernels that work row by row.
  var rows: Int
  /// The number of columns, in kernels that work column by column: 1 or 16.
  var columns: Int
  /// The number of columns, in kernels that only move rows.
  var movedColumns: Int
  /// The number of elements of flat buffers.
  var elements: Int
  /// The number of work-items in a group.
  var workGroup: Int
  /// The parameters of kernels that move rows, `movedColumns` and `rows`.
  let moved: KernelValues

  private init(rows: Int, columns: Int, movedColumns: Int, elements: Int, workGroup: Int) {
    (self.rows, self.columns, self.movedColumns) = (rows, columns, movedColumns)
    (self.elements, self.workGroup) = (elements, workGroup)
    moved = ["COLUMNS": movedColumns, "ROWS": rows]
  }

  /// For CPU drivers, where work-group size does not matter unless the items of a group share what they read (`MatmulPanels`).
  static let coarse = KernelGrain(rows: 8, columns: 16, movedColumns: 1024, elements: 4096, workGroup: 1)

  /// For GPUs: neighbouring work-items take neighbouring columns. With several rows per work-item, most
  /// ensembles stay below the 65,535 groups that drivers allow in a dimension, and need one launch.
  static let fine = KernelGrain(rows: 8, columns: 1, movedColumns: 1, elements: 1, workGroup: 128)

  /// The shape of a work-group with at most `workGroup` items for a grid, filled from the first dimension on.
  func local(_ global: Grid, _ limits: KernelLimits) -> Grid {
    var left = min(workGroup, limits.workGroup)
    return Grid(like: global) { dimension in
      var size = 1
      while size < global[dimension], size * 2 <= min(left, limits.items[dimension]) { size *= 2 }
      left /= size
      return size
    }
  }
}
