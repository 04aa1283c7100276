import Compute

/// The shapes kernels are built with: the one place that chooses by the type of device.
///
/// Tiles never depend on the size of an ensemble, and no result depends on them.
struct KernelFamily: Equatable, Sendable {
  /// Of matmul.cl: rows of a register tile, and its vectors of 16 columns in wide matrices.
  var tileRows: Int
  var tileVectors: Int
  /// One output a work-item (matmul_naive.cl).
  var naiveMatmul = false
  /// Rows a work-item takes in kernels that work row by row.
  var rows: Int
  /// Columns a work-item takes in kernels that work column by column: 1 or 16.
  var columns: Int
  /// Columns a work-item takes where rows are only moved.
  var movedColumns: Int
  /// Elements a work-item takes of flat buffers.
  var elements: Int
  /// Queries a work-item takes in attention.
  var queries: Int
  /// Work-items of a group.
  var workGroup: Int

  /// A work-item is a stretch of SIMD code on one core, a work-group nothing but a way to count.
  static let cpu = KernelFamily(
    tileRows: 8, tileVectors: 2, rows: 8, columns: 16, movedColumns: 1024, elements: 4096, queries: 16,
    workGroup: 1)

  /// Many small work-items, neighbours on neighbouring columns.
  static let gpu = KernelFamily(
    tileRows: 4, tileVectors: 1, rows: 1, columns: 1, movedColumns: 1, elements: 1, queries: 16, workGroup: 64
  )

  static func choose(_ kind: DeviceDescription.Kind) -> KernelFamily { kind == .gpu ? gpu : cpu }

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
