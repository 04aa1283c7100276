/// A part of a grid of work-groups that drivers launch.
///
/// NVIDIA's driver launches at most 65,535 groups in the second and the third dimension, and 2³¹ − 1 in the first.
struct GridPart: Equatable {
  /// The first group in each dimension.
  var first: Grid
  /// The number of groups in each dimension.
  var count: Grid

  /// The largest numbers of groups.
  static let limits = Grid(Int(Int32.max), 65_535, 65_535)

  /// Whether a grid is a single part, as nearly all are.
  static func isWhole(_ groups: Grid) -> Bool {
    groups[0] <= limits[0] && groups[1] <= limits[1] && groups[2] <= limits[2]
  }

  /// The parts of a grid in order; the grid itself if it is small enough.
  static func parts(of groups: Grid) -> [GridPart] {
    func starts(_ dimension: Int) -> StrideTo<Int> {
      stride(from: 0, to: groups[dimension], by: limits[dimension])
    }
    return starts(0).flatMap { x in
      starts(1).flatMap { y in
        starts(2).map { z in
          let first = Grid(like: groups) { [x, y, z][$0] }
          return GridPart(
            first: first, count: Grid(like: groups) { min(limits[$0], groups[$0] - first[$0]) })
        }
      }
    }
  }
}
