import Testing

@testable import OpenCLDevice

@Suite("Grids of work-groups")
struct GridPartTests {
  @Test("a grid within the limits is launched whole")
  func whole() {
    for groups in [[1], [2_000_000], [3, 65_535], [7, 65_535, 65_535]] {
      #expect(
        GridPart.parts(of: groups) == [GridPart(first: groups.map { _ in 0 }, count: groups)])
    }
  }

  @Test("a larger grid is cut in the second and the third dimension, without a gap or an overlap")
  func cut() {
    #expect(
      GridPart.parts(of: [5, 151_936, 2]) == [
        GridPart(first: [0, 0, 0], count: [5, 65_535, 2]),
        GridPart(first: [0, 65_535, 0], count: [5, 65_535, 2]),
        GridPart(first: [0, 131_070, 0], count: [5, 20_866, 2]),
      ])
    let parts = GridPart.parts(of: [1, 65_536, 65_537])
    #expect(parts.count == 4)
    #expect(parts.reduce(0) { $0 + $1.count.reduce(1, *) } == 65_536 * 65_537)
  }
}
