import Testing

@testable import Records

@Suite("Classes of a score that is the same for every component")
struct ClassesTests {
  /// A record whose own ablation and `mean` ablation have these rhos, with heroes and bloats under both.
  private func record(own: Double?, mean: Double?) -> RunRecord {
    var record = Examples.record
    (record.causalMeasure, record.rho) = ("published", own)
    (record.heroes, record.bloats) = (["L0_H0"], ["L0_MLP"])
    record.measures = [
      "published": .init(rho: own, heroes: ["L0_H0"], bloats: ["L0_MLP"]),
      "mean": .init(rho: mean, heroes: ["L0_MLP"], bloats: ["L0_H0"]),
    ]
    for place in record.components.indices {
      record.components[place].componentClass = .hero
      record.components[place].measures = [
        "published": .init(causalRank: 1, delta: -9, componentClass: .hero),
        "mean": .init(causalRank: 1, delta: 9, componentClass: .bloat),
      ]
    }
    record.pruning = .init(
      baseline: 0.5, pruneHeroes: 0.2, pruneBloats: 0.4, inDistributionBaseline: 0.9,
      inDistributionPruneHeroes: 0.8, inDistributionPruneBloats: 0.7, heroes: ["L0_H0"], bloats: ["L0_MLP"])
    return record
  }

  @Test("a record with defined rhos is unchanged")
  func ordinary() {
    let record = record(own: 0.5, mean: -0.2)
    #expect(record.withDefinedClasses == record)
  }

  @Test("a record without a rho has no classes and no pruning by them")
  func own() throws {
    let found = record(own: nil, mean: 0.3).withDefinedClasses
    #expect(found.heroes.isEmpty && found.bloats.isEmpty)
    #expect(found.components.allSatisfy { $0.componentClass == .neutral })
    #expect(found.components.allSatisfy { $0.measures["published"]?.componentClass == .neutral })
    #expect(found.components.allSatisfy { $0.measures["mean"]?.componentClass == .bloat })
    #expect(found.measures["published"]?.heroes == [] && found.measures["mean"]?.heroes == ["L0_MLP"])
    let pruning = try #require(found.pruning)
    #expect(pruning.heroes.isEmpty && pruning.bloats.isEmpty && pruning.baseline == 0.5)
    #expect(pruning.pruneHeroes == nil && pruning.pruneBloats == nil)
    #expect(pruning.inDistributionPruneHeroes == nil && pruning.inDistributionPruneBloats == nil)
  }

  @Test("an ablation without a rho loses only its own classes")
  func other() {
    let found = record(own: 0.5, mean: nil).withDefinedClasses
    #expect(found.heroes == ["L0_H0"] && found.pruning?.pruneHeroes == 0.2)
    #expect(found.measures["mean"]?.bloats == [] && found.measures["published"]?.bloats == ["L0_MLP"])
    #expect(found.components.allSatisfy { $0.measures["mean"]?.componentClass == .neutral })
  }
}
