import Records
import Testing

@testable import Report

@Suite("The report on one screen")
struct BriefTests {
  private let draws = ReportDraws(resamples: 99, permutations: 99)

  private func brief(_ runs: [RunRecord]) throws -> [String] {
    try StudyReport(Summary(runs, draws: draws), runs: runs).brief
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test("one quick seed is said to be one, and has no standard deviation")
  func quick() throws {
    let run = HandMade.run(
      seed: 42, rho: 0.2, converged: false, measures: ["mean": .init(rho: 0.7, heroes: [], bloats: [])],
      quick: true)
    let lines = try brief([run])
    #expect(lines[0] == "sorting (1 seed); protocol published")
    #expect(lines.contains { $0.hasPrefix("QUICK: training was cut short after at most 300 steps.") })
    #expect(lines.contains("FEW SEEDS: nothing is claimed with fewer than six."))
    #expect(lines.contains("sorting: 1 of 1 not converged, 0 outside the accuracy window"))
    let numbers = ["sorting", "1", "0.70", "0", "0", "0.20", "0", "0"]
    #expect(lines.contains { $0.split(separator: " ").map(String.init) == numbers }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("Quote mean ablation") } && !lines.contains { $0.contains("±") })
  }

  @Test("verdicts come before numbers, and everything fits a screen of 80 columns and 40 lines")
  func rigorous() throws {
    let runs = ["sort", "reverse"].flatMap { task in
      (0..<8).map { seed in
        let rho = (task == "sort" ? 0.2 : 0.8) + 0.01 * Double(seed)
        return Synthetic.run(
          task, seed: seed,
          rigorous: Synthetic.rigorous(
            correlations: [Synthetic.correlation(rho: rho, corrected: rho + 0.1)],
            steps: [.init(step: "published", rho: rho, reason: nil)]))
      }
    }
    let lines = try brief(runs)
    let claims = try #require(lines.firstIndex { $0.hasPrefix("The paper's claims: ") })
    let rhos = try #require(lines.firstIndex { $0.hasPrefix("Mean rho") })
    #expect(
      claims < rhos && lines[claims + 1].hasPrefix("  + rho on reversal exceeds rho on sorting"))
    #expect(lines.contains { $0.hasPrefix("sorting") && $0.contains("0.24 [") && $0.contains("0.34 [") })
    #expect(lines.count <= 40 && lines.allSatisfy { $0.count <= 80 }, "\(lines)")
  }
}
