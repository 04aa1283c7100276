import Kernels
import Testing

@testable import OpenCLDevice

@Suite("Grids of work-groups")
struct GridPartTests {
  @Test("a grid within the limits is launched whole")
  func whole() {
    for groups in [Grid(1), Grid(2_000_000), Grid(3, 65_535), Grid(7, 65_535, 65_535)] {
      #expect(GridPart.isWhole(groups))
      let parts = GridPart.parts(of: groups)
      #expect(parts.map(\.count) == [groups])
      #expect(parts.map(\.first) == [Grid(like: groups) { _ in 0 }])
    }
  }

  @Test("a larger grid is cut in the second and the third dimension, without a gap or an overlap")
  func cut() {
    #expect(!GridPart.isWhole(Grid(5, 151_936, 2)))
    #expect(
      GridPart.parts(of: Grid(5, 151_936, 2)) == [
        GridPart(first: Grid(0, 0, 0), count: Grid(5, 65_535, 2)),
        GridPart(first: Grid(0, 65_535, 0), count: Grid(5, 65_535, 2)),
        GridPart(first: Grid(0, 131_070, 0), count: Grid(5, 20_866, 2)),
      ])
    let parts = GridPart.parts(of: Grid(1, 65_536, 65_537))
    #expect(parts.count == 4)
    #expect(parts.reduce(0) { $0 + $1.count.count } == 65_536 * 65_537)
  }

  @Test("a work-group is filled from the first dimension on, within the limits of each")
  func groups() {
    func local(_ global: Grid, workGroup: Int = 256, items: [Int] = [256, 256, 64]) -> Grid {
      KernelGrain.fine.local(global, KernelLimits(workGroup: workGroup, items: items, localMemory: 0))
    }
    #expect(local(Grid(1_000)) == Grid(128))
    #expect(local(Grid(20, 9)) == Grid(32, 4))
    #expect(local(Grid(20, 9), workGroup: 64) == Grid(32, 2))
    #expect(local(Grid(3, 1, 500), items: [2, 1, 8]) == Grid(2, 1, 8))
  }
}
