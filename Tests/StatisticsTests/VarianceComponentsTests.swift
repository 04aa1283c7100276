import RandomStreams
import Statistics
import Testing

@Suite("Variance components") struct VarianceComponentsTests {
  private func design(
    _ n: Int, _ a: Int, _ b: Int, _ value: (Int, Int, Int) -> Double
  ) -> [[[Double]]] {
    (0..<n).map { i in (0..<a).map { j in (0..<b).map { value(i, j, $0) } } }
  }

  @Test("of one source alone are the variance of that source")
  func alone() throws {
    let values = [-1.0, 0, 2.5, 4]
    let mean = values.reduce(0, +) / 4
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3
    for source in 0..<3 {
      let found = try #require(
        try VarianceComponents(design(4, 4, 4) { i, j, k in 7 + values[[i, j, k][source]] }))
      for (place, part) in found.parts.enumerated() {
        #expect(abs(part - (place == source ? variance : 0)) <= 1e-12)
      }
    }
  }

  @Test("are found within their errors where all sources act at once")
  func simulated() throws {
    let truth = [1.0, 0.5, 0.25, 0.3, 0.2, 0.4, 0.1]
    var sums = [Double](repeating: 0, count: 7)
    let trials = 300
    for trial in 0..<trials {
      var stream = CounterStream(seed: 181, purpose: .validation).split(UInt64(trial))
      func draws(_ count: Int, _ variance: Double) -> [Double] {
        (0..<count).map { _ in variance.squareRoot() * Double(stream.normal()) }
      }
      let (n, a, b) = (9, 6, 5)
      let (u, f, s) = (draws(n, truth[0]), draws(a, truth[1]), draws(b, truth[2]))
      let (uf, us, fs) = (draws(n * a, truth[3]), draws(n * b, truth[4]), draws(a * b, truth[5]))
      let rest = draws(n * a * b, truth[6])
      let found = try #require(
        try VarianceComponents(
          design(n, a, b) { i, j, k in
            u[i] + f[j] + s[k] + uf[i * a + j] + us[i * b + k] + fs[j * b + k] + rest[(i * a + j) * b + k]
          }))
      for (place, part) in found.parts.enumerated() { sums[place] += part / Double(trials) }
    }
    // An estimate is unbiased but for the cut at 0, which is rare here. Its error over 300 trials is below 5 %.
    for (found, expected) in zip(sums, truth) { #expect(abs(found - expected) <= 0.1 * expected, "\(sums)") }
  }

  @Test("need two of everything, no holes and finite values")
  func refused() throws {
    #expect(try VarianceComponents(design(1, 3, 3) { _, _, _ in 1 }) == nil)
    #expect(try VarianceComponents(design(3, 1, 3) { _, _, _ in 1 }) == nil)
    #expect(try VarianceComponents([]) == nil)
    #expect(throws: StatisticsError.self) { try VarianceComponents([[[1, 2], [3, 4]], [[1, 2], [3]]]) }
    #expect(throws: StatisticsError.self) {
      try VarianceComponents(design(2, 2, 2) { i, _, _ in i == 0 ? .nan : 1 })
    }
  }
}
