/// Sizes in one, two or three dimensions: the work-groups or work-items of a launch, or the work-items of a group.
struct Grid: Equatable {
  /// Ones beyond the last dimension.
  private(set) var sizes: SIMD3<Int>
  let dimensions: Int

  init(_ x: Int) { (sizes, dimensions) = (SIMD3(x, 1, 1), 1) }

  init(_ x: Int, _ y: Int) { (sizes, dimensions) = (SIMD3(x, y, 1), 2) }

  init(_ x: Int, _ y: Int, _ z: Int) { (sizes, dimensions) = (SIMD3(x, y, z), 3) }

  /// - Parameter sizes: at most three; without any, a single one.
  init(_ sizes: [Int]) {
    self.sizes = SIMD3(repeating: 1)
    dimensions = max(1, sizes.count)
    for (dimension, size) in sizes.enumerated() { self.sizes[dimension] = size }
  }

  /// As many dimensions as `other`, each of its own size.
  init(like other: Grid, _ size: (_ dimension: Int) -> Int) {
    self = other
    for dimension in 0..<dimensions { sizes[dimension] = size(dimension) }
  }

  subscript(dimension: Int) -> Int { sizes[dimension] }

  /// The product of the sizes.
  var count: Int { sizes.x * sizes.y * sizes.z }

  var isEmpty: Bool { sizes.x <= 0 || sizes.y <= 0 || sizes.z <= 0 }

  /// The sizes in the form that the driver takes.
  func withSizes<Result>(_ body: (UnsafePointer<Int>) -> Result) -> Result {
    withUnsafePointer(to: sizes) { $0.withMemoryRebound(to: Int.self, capacity: 3, body) }
  }

  static func * (left: Grid, right: Grid) -> Grid { Grid(like: left) { left[$0] * right[$0] } }
}

extension Grid: CustomStringConvertible {
  var description: String { "\((0..<dimensions).map { sizes[$0] })" }
}
