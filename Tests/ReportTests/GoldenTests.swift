import Foundation
import Records
import TestSupport
import Testing

@testable import Report

/// Whole tables compared with approved ones. After an intended change, `CAUSALGAP_UPDATE_GOLDEN=1` writes new
/// files. Read the difference before you commit it.
@Suite("Tables as text and as CSV equal the approved files")
struct GoldenTests {
  @Test("for a small study under the published protocol")
  func published() throws {
    func component(_ name: String, _ layer: Int, _ head: Int?, _ place: Double) -> RunRecord.ComponentRecord {
      .init(
        name: name, layer: layer, head: head, gradient: ["frobenius": 0.1 * place],
        causal: ["published": 0.01 * place, "mean": 0.5 - 0.1 * place], gradientRank: place,
        causalRank: 7 - place,
        delta: 2 * place - 7, componentClass: .neutral,
        measures: [
          "published": .init(causalRank: place, delta: 0, componentClass: .neutral),
          "mean": .init(
            causalRank: 7 - place, delta: 2 * place - 7, componentClass: place > 5 ? .bloat : .hero),
        ])
    }
    let components = [
      component("L0_H0", 0, 0, 1), component("L0_MLP", 0, nil, 6), component("L1_H0", 1, 0, 3.5),
    ]
    let runs = [
      HandMade.run(
        seed: 42, rho: 0.25, heroes: ["L3_H3"], bloats: ["L0_H1", "L1_H0"], accuracy: 0.61,
        components: components,
        measures: ["mean": .init(rho: -1.0 / 3, heroes: ["L0_H0"], bloats: [])],
        pruning: HandMade.pruning(baseline: 0.7, heroes: 0.1, bloats: 0.725),
        table6: .init(bloats: ["L0_H0", "L0_H1"], idBase: 0.91, idPruned: 0.8)),
      HandMade.run(seed: 123, rho: nil, inWindow: false, length: 11, accuracy: 0.95, components: components),
      HandMade.run(
        "reverse", seed: 42, rho: 0.1 + 0.2, bloats: ["L0_MLP"], length: 8, converged: false,
        pruning: HandMade.pruning(baseline: 0.5, heroes: nil, bloats: 0.625)),
    ]
    let summary = try Summary(runs)
    let paper = try PaperTables.load()
    try expectGolden("published/tables.txt", paperTables(summary, paper).text)
    try withFolder { folder in
      try writeTables(paperTables(summary, paper), to: folder)
      try LongTable.write(longTables(runs), to: folder)
      try expectGoldenFiles("published", in: folder)
    }
  }

  @Test("for a small study under the rigorous protocol")
  func rigorous() throws {
    let draws = ReportDraws(resamples: 199, permutations: 199)
    let rigorous = try #require(try Summary(Self.rigorousRecords, draws: draws).rigorous)
    try expectGolden("rigorous/tables.txt", rigorousTables(rigorous).text)
    try withFolder { folder in
      try writeTables(rigorousTables(rigorous), to: folder)
      try LongTable.write(longTables(Array(Self.rigorousRecords.prefix(2))), to: folder)
      try expectGoldenFiles("rigorous", in: folder)
    }
  }

  @Test("for a rigorous study with flips, pairs and missing values, and for one of too few seeds")
  func unusual() throws {
    let draws = ReportDraws(resamples: 199, permutations: 199)
    let summary = try Summary(Self.unusualRecords(seeds: 7), draws: draws)
    let rigorous = try #require(summary.rigorous)
    try expectGolden("unusual/tables.txt", rigorousTables(rigorous).text)
    try expectGolden("unusual/paper.txt", paperTables(summary, PaperTables.load()).text)
    try withFolder { folder in
      try writeTables(rigorousTables(rigorous), to: folder)
      try expectGoldenFiles("unusual", in: folder)
    }
    let few = try #require(try Summary(Self.unusualRecords(seeds: 2), draws: draws).rigorous)
    try expectGolden("unusual/few.txt", rigorousTables(few).text)
  }

  @Test("for a comparison of studies of three depths")
  func across() throws {
    let draws = ReportDraws(resamples: 199, permutations: 199)
    let studies = try AcrossStudies(Synthetic.depths(tasks: ["sort", "reverse"]), draws: draws)
    try expectGolden("across/tables.txt", acrossTables(studies).text)
    let few = Synthetic.depths(seeds: 0..<3) { $0.quick = $0.layers == 2 }.prefix(2)
    try expectGolden("across/few.txt", acrossTables(AcrossStudies(Array(few), draws: draws)).text)
    try withFolder { folder in
      try AcrossReport(studies, of: Synthetic.depths(seeds: 0..<1)).write(
        to: StudyFolder(folder))
      try expectGoldenFiles("across", in: folder)
    }
  }

  /// Records of one task in which the sign of a rho depends on the causal score, pairs interact, single
  /// components make up a set, and some values are missing.
  private static func unusualRecords(seeds: Int) -> [RunRecord] {
    var random = Synthetic(78)
    let names = Synthetic.names
    return (0..<seeds).map { seed in
      let rho: Double = 0.5 + 0.05 * random.normal()
      let classes: [ComponentClass] = names.indices.map { $0 == 7 ? .hero : $0 < 2 ? .bloat : .neutral }
      let effects: [Double] = (0..<8).map { $0 == 0 ? 0.2 : 0.01 * random.normal() }
      let correlations: [RunRecord.ScoreCorrelation] = [
        Synthetic.correlation(rho: rho, reason: "the reliability of 0.\(seed) is low"),
        Synthetic.correlation("frobenius", "ood", "denoising", rho: -rho),
        Synthetic.correlation("fisher", rho: -rho, corrected: 1 - rho),
        Synthetic.correlation("fisher", "ood", "denoising", rho: rho),
        Synthetic.correlation("fisher", "training", rho: seed == 0 ? nil : rho),
      ]
      let pairs = (0..<8).map { first in (0..<8).map { interaction(first, $0, seed: seed) } }
      let sets = [
        Synthetic.joint(
          count: seed == 2 ? 1 : 2, joint: 0.1 * random.normal(), sum: 0.1 * random.normal()),
        Synthetic.joint("all_heroes", count: 1, joint: 0.5, sum: 0.5),
      ]
      let rigorous = Synthetic.rigorous(
        gradients: [Synthetic.gradient(random.normals(8).map(abs))],
        causal: [Synthetic.causal(effects, reliability: 0.1)], correlations: correlations,
        faithfulness: ["fisher", "random"].flatMap { ranking in
          ["exact_match", "log_probability"].map { curve($0, ranking, isMissing: seed == 1, rho) }
        },
        sets: sets, pairs: pairs, features: ["gradient_trend": random.normals(8)],
        steps: [
          .init(step: "published", rho: nil, reason: "every score is 0"),
          .init(step: "pair_samples", rho: rho, reason: nil),
        ])
      return Synthetic.run(
        "copy", seed: seed, classes: classes, rigorous: rigorous,
        pruning: HandMade.pruning(baseline: 0.7, heroes: seed == 0 ? nil : 0.2, bloats: 0.65))
    }
  }

  private static func interaction(_ first: Int, _ second: Int, seed: Int) -> Double {
    first == second ? 0 : 0.1 * Double(first * second) + 0.01 * Double(seed)
  }

  private static func curve(_ effect: String, _ ranking: String, isMissing: Bool, _ rho: Double)
    -> RunRecord.FaithfulnessRecord
  {
    .init(
      method: "zero", effect: effect, ranking: ranking, values: isMissing ? nil : [0, rho, 1],
      cpr: isMissing ? nil : rho, cmd: isMissing ? nil : 1 - rho,
      reason: isMissing ? "no better than all replaced, 0.5" : nil)
  }

  /// Records of eight seeds of two tasks, with content in every section.
  private static var rigorousRecords: [RunRecord] {
    var random = Synthetic(77)
    let names = Synthetic.names
    return ["sort", "reverse"].flatMap { task in
      (0..<8).map { seed in
        let rho = (task == "sort" ? 0.4 : 0.1) + 0.1 * random.normal()
        let classes: [ComponentClass] = names.indices.map {
          $0 == seed % 8 ? .hero : $0 == 6 ? .bloat : .neutral
        }
        return Synthetic.run(
          task, seed: seed, classes: classes, inWindow: seed != 3,
          rigorous: Synthetic.rigorous(
            gradients: [Synthetic.gradient(random.normals(8).map(abs), reliability: 0.9)],
            causal: [Synthetic.causal(random.normals(8), reliability: 0.7)],
            correlations: [
              Synthetic.correlation(rho: rho, corrected: rho + 0.1),
              Synthetic.correlation("frobenius", "ood", "published", rho: rho / 2),
              Synthetic.correlation("frobenius", "ood", "mean", "log_probability", rho: rho - 0.05),
              Synthetic.correlation("integrated_gradients", rho: 0.9 - 0.01 * Double(seed)),
              Synthetic.correlation("fisher", rho: nil, reason: "constant, \"and\" <useless> & odd"),
            ],
            confidence: names.indices.map {
              .init(hero: $0 == 0 ? 0.6 : 0.1, bloat: 0.2, neutral: $0 == 0 ? 0.2 : 0.7)
            },
            faithfulness: ["fisher", "random", "exact"].map {
              .init(
                method: "mean", effect: "log_probability", ranking: $0, values: [0, 0.5 + rho, 1], cpr: rho,
                cmd: 1 - rho, reason: nil)
            },
            sets: [
              Synthetic.joint(joint: 0.3 + 0.1 * rho, sum: 0.2, inDistribution: 0.25),
              Synthetic.joint("all_heroes", joint: 0.5, sum: 0.6 - 0.1 * rho),
            ],
            shapley: [
              .init(
                effect: "exact_match", values: random.normals(8),
                standardErrors: [Double](repeating: 0.01, count: 8),
                full: 0.75)
            ],
            lengths: (7...9).map {
              .init(
                length: $0, inDistribution: $0 == 7, accuracy: 0.9 - 0.1 * Double($0 - 7),
                rho: rho - 0.02 * Double($0),
                rhoLogProbability: $0 == 9 ? nil : rho)
            },
            features: ["gradient_trend": random.normals(8), "weight_norm": random.normals(8)],
            steps: [
              .init(step: "published", rho: rho / 2, reason: nil),
              .init(step: "pair_samples", rho: rho, reason: nil),
              .init(step: "correct_attenuation", rho: seed == 2 ? nil : rho + 0.2, reason: "no reliability"),
            ]),
          pruning: HandMade.pruning(baseline: 0.7, heroes: 0.2 + 0.01 * Double(seed), bloats: 0.65))
      }
    }
  }
}

/// Compares a text with the one in `Golden`, line by line.
private func expectGolden(
  _ name: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  if ProcessInfo.processInfo.environment["CAUSALGAP_UPDATE_GOLDEN"] == "1" {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Golden/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return
  }
  let file = try #require(Bundle.module.resourceURL).appendingPathComponent("Golden/\(name)")
  let approved = try String(contentsOf: file, encoding: .utf8)
  guard text != approved else { return }
  let (lines, expected) = (
    text.split(separator: "\n", omittingEmptySubsequences: false),
    approved.split(separator: "\n", omittingEmptySubsequences: false)
  )
  let line = zip(lines, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
  let place = line ?? min(lines.count, expected.count)
  func at(_ lines: [Substring]) -> String { place < lines.count ? "'\(lines[place])'" : "no line" }
  Issue.record(
    "Golden/\(name), line \(place + 1): \(at(lines)) instead of \(at(expected))",
    sourceLocation: sourceLocation)
}

/// Compares all CSV files below a folder with those in `Golden`, and expects no others.
private func expectGoldenFiles(
  _ name: String, in folder: URL, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  func files(_ folder: URL) -> [String] {
    (FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? [])
      .filter { $0.hasSuffix(".csv") }.sorted()
  }
  let names = files(folder)
  for file in names {
    let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    try expectGolden("\(name)/\(file)", text, sourceLocation: sourceLocation)
  }
  guard ProcessInfo.processInfo.environment["CAUSALGAP_UPDATE_GOLDEN"] != "1" else { return }
  let approved = try #require(Bundle.module.resourceURL).appendingPathComponent("Golden/\(name)")
  #expect(names == files(approved), sourceLocation: sourceLocation)
}
