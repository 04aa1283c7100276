import Records
import Testing

@testable import Report

@Suite("What moves rho between trainings") struct TrainingVarianceTests {
  private let draws = ReportDraws(resamples: 99, permutations: 99)

  private func studies(
    initialSeeds: Range<Int> = 1..<6, _ rho: @escaping (_ seed: Int, _ initialSeed: Int) -> Double
  ) -> [StudyRecords] {
    initialSeeds.map { initial in
      Synthetic.study(
        "initial-\(initial)", tasks: ["sort"], seeds: 0..<7,
        configuration: RunRecord.Configuration(initialSeed: initial)
      ) { _, seed in rho(seed, initial) }
    }
  }

  private func found(_ studies: [StudyRecords]) throws -> [TrainingVariance] {
    try AcrossStudies(studies, draws: draws).trainingVariance
  }

  @Test("is the data where the data decides, and the initial parameters where they do")
  func sources() throws {
    let byData = try #require(try found(studies { seed, _ in 0.1 * Double(seed) }).first)
    #expect(byData.dataSeeds == Array(0..<7) && byData.initialSeeds == Array(1..<6))
    #expect(try #require(byData.data.mean) > 0.999)
    let byStart = try #require(try found(studies { _, initial in 0.1 * Double(initial) }).first)
    #expect(try #require(byStart.initialisation.mean) > 0.999)
    let both = try #require(
      try found(studies { seed, initial in 0.05 * Double(seed) + 0.05 * Double(initial * initial % 5) }).first
    )
    #expect(
      abs([both.data, both.initialisation, both.rest].reduce(0) { $0 + ($1.mean ?? .nan) } - 1) <= 1e-9)
    #expect(try #require(both.data.interval).contains(try #require(both.data.mean)))
  }

  @Test("is a table and a file where the initial seed differs, and says what is missing")
  func tables() throws {
    let across = try AcrossStudies(
      studies { seed, initial in 0.05 * Double(seed * initial % 9) }, draws: draws)
    let table = try #require(acrossTables(across).first { $0.name == "across_training_variance" })
    #expect(table.text.contains("initial parameters"))
    let few = try AcrossStudies(studies(initialSeeds: 1..<3) { seed, _ in 0.1 * Double(seed) }, draws: draws)
    #expect(acrossTables(few).text.contains("at least three initial seeds"))
    let other = try AcrossStudies(Synthetic.depths(), draws: draws)
    #expect(!acrossTables(other).text.contains("initial seeds") && other.trainingVariance == [])
  }

  @Test("leaves out seeds of data that some initialisation lacks")
  func holes() throws {
    var given = studies { seed, initial in 0.05 * Double(seed) + 0.01 * Double(initial) }
    given[2].records.removeFirst()
    #expect(try #require(try found(given).first).dataSeeds == Array(1..<7))
  }
}
