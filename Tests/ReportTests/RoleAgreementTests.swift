import Records
import Testing

@testable import Report

@Suite("Heads' roles between trainings") struct RoleAgreementTests {
  private let draws = ReportDraws(resamples: 99, permutations: 999)

  /// Studies of six initial seeds and seven seeds of the data, with a gradient score and an effect for each head.
  private func studies(
    initialSeeds: Range<Int> = 1..<7,
    _ value: @escaping (_ head: Int, _ seed: Int, _ initialSeed: Int) -> Double
  ) -> [StudyRecords] {
    initialSeeds.map { initial in
      var study = Synthetic.study(
        "initial-\(initial)", seeds: 0..<7, configuration: RunRecord.Configuration(initialSeed: initial)
      ) { _, seed in 0.01 * Double(seed + initial) }
      for record in study.records.indices {
        let seed = study.records[record].seed
        for place in study.records[record].components.indices {
          let found = value(place, seed, initial)
          study.records[record].components[place].gradient["frobenius"] = found
          study.records[record].components[place].causal["mean"] = found
        }
      }
      return study
    }
  }

  private func scrambled(_ numbers: Int...) -> Double {
    Double(numbers.reduce(7) { ($0 &* 31 &+ $1) &* 2_654_435_761 % 1_000_003 })
  }

  @Test("are those of the initial parameters where these decide")
  func initial() throws {
    let roles = try AcrossStudies(studies { head, _, initial in scrambled(head, initial) }, draws: draws)
      .roles
    #expect(roles.map(\.measure) == ["gradient", "mean_ablation"])
    let found = try #require(roles.first)
    #expect(found.dataSeeds == Array(0..<7) && found.initialSeeds == Array(1..<7))
    #expect(abs(try #require(found.sameInitialisation.mean) - 1) < 1e-12)
    #expect(try #require(found.sameData.mean) < 0.9)
    #expect(found.initialisationTest.isSignificant == true)
    #expect(found.dataTest.isSignificant == false)
  }

  @Test("are those of the data where these decide")
  func data() throws {
    let found = try #require(
      try AcrossStudies(studies { head, seed, _ in scrambled(head, seed) }, draws: draws).roles.first)
    #expect(abs(try #require(found.sameData.mean) - 1) < 1e-12)
    #expect(found.dataTest.isSignificant == true && found.initialisationTest.isSignificant == false)
  }

  @Test("leave out seeds of data where some model does not tell its heads apart")
  func constant() throws {
    let found = try #require(
      try AcrossStudies(
        studies { head, seed, initial in seed == 3 && initial == 2 ? 0 : scrambled(head, initial) },
        draws: draws
      ).roles.first)
    #expect(found.dataSeeds == [0, 1, 2, 4, 5, 6] && found.sameInitialisation.count == 6)
    #expect(abs(try #require(found.sameInitialisation.mean) - 1) < 1e-12)
  }

  @Test("make no claim with fewer than six seeds of either kind")
  func few() throws {
    let found = try #require(
      try AcrossStudies(
        studies(initialSeeds: 1..<4) { head, _, initial in scrambled(head, initial) }, draws: draws
      )
      .roles.first)
    #expect(found.initialisationTest.seeds == 3 && found.initialisationTest.isSignificant == nil)
    #expect(try #require(found.initialisationTest.pValue) < 0.05)
  }

  @Test("are a table and a file, and say what is missing")
  func tables() throws {
    let across = try AcrossStudies(studies { scrambled($0, $1, $2) }, draws: draws)
    let table = try #require(acrossTables(across).first { $0.name == "across_roles" })
    #expect(table.rows.count == 2 && table.text.contains("published gradient score"))
    let few = try AcrossStudies(studies(initialSeeds: 1..<3) { scrambled($0, $1, $2) }, draws: draws)
    #expect(few.roles == [])
    #expect(acrossTables(few).text.contains("at least three initial seeds"))
  }
}
