import Testing

@testable import Statistics

@Suite("Areas at the sizes of the benchmark MIB") struct BenchmarkAreasTests {
  /// By hand for 20 components, of which the sizes keep 0, 0, 0, 0, 0, 1, 2, 4, 10 and 20.
  @Test("are trapezoids between the sizes")
  func byHand() throws {
    let curve = (0...20).map { Double($0) / 20 }
    let found = try #require(BenchmarkAreas(curve: curve))
    let kept = [0, 0, 0, 0, 0, 0.05, 0.1, 0.2, 0.5, 1]
    var area = 0.0
    for i in 1..<10 {
      area += (BenchmarkAreas.sizes[i] - BenchmarkAreas.sizes[i - 1]) * (kept[i] + kept[i - 1]) / 2
    }
    #expect(abs(found.cpr - area) < 1e-12)
    // Between a curve that never exceeds 1 and 1 lies what is missing from the whole.
    #expect(abs(found.cpr + found.cmd - 0.999) < 1e-12)
    #expect(BenchmarkAreas(curve: [1]) == nil)
  }
}
