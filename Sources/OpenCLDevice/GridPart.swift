/// A part of a grid of work-groups that drivers launch.
///
/// NVIDIA's driver launches at most 65,535 groups in the second and the third dimension, and 2³¹ − 1 in the first.
struct GridPart: Equatable {
  /// The first group in each dimension.
  var first: [Int]
  /// The number of groups in each dimension.
  var count: [Int]

  /// The largest numbers of groups, by dimension.
  static let limits = [Int(Int32.max), 65_535, 65_535]

  /// Whether a grid is a single part, as nearly all are.
  static func isWhole(_ groups: [Int]) -> Bool { zip(groups, limits).allSatisfy { $0 <= $1 } }

  /// The parts of a grid in order; the grid itself if it is small enough.
  static func parts(of groups: [Int]) -> [GridPart] {
    var parts = [GridPart(first: [], count: [])]
    for (extent, limit) in zip(groups, limits) {
      parts = parts.flatMap { part in
        stride(from: 0, to: extent, by: limit).map { first in
          GridPart(first: part.first + [first], count: part.count + [min(limit, extent - first)])
        }
      }
    }
    return parts
  }
}
