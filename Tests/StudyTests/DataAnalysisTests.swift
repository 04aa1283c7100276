import Foundation
import Importance
import Records
import Safetensors
import Synchronization
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("A model is scored on sequences of a file") struct DataAnalysisTests {
  private static let (count, length, vocabulary) = (12, 9, 29)

  /// Tokens without a pattern.
  private func tokens(_ seed: Int, _ count: Int = Self.count * Self.length) -> [Int] {
    (0..<count).map { ($0 * $0 * 7 + $0 * (seed + 3) + seed) % Self.vocabulary }
  }

  private func integers(_ name: String, _ values: [Int], _ shape: [Int]) throws -> SafetensorsTensor {
    try SafetensorsTensor(name: name, shape: shape, integers: values)
  }

  private func model(_ name: String) throws -> CheckpointSource {
    try CheckpointSource(Fixtures.url("families/\(name)"))
  }

  /// Calls `body` with a file that has these tensors beside `tokens`.
  private func withFile(_ tensors: [SafetensorsTensor], _ body: (URL) throws -> Void) throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("own.safetensors")
      let own = try integers("tokens", tokens(1), [Self.count, Self.length])
      try SafetensorsFile(tensors: (tensors.contains { $0.name == "tokens" } ? [] : [own]) + tensors).write(
        to: url)
      try body(url)
    }
  }

  @Test(
    "under every intervention that the data allow, and identical runs score zero",
    arguments: ["gpt2", "llama3"])
  func identicalRuns(name: String) throws {
    let checkpoint = try model(name)
    let (answers, same) = (tokens(2, Self.count), tokens(1))
    try withFile([
      integers("answer", answers, [Self.count]),
      integers("foil", answers.map { ($0 + 1) % Self.vocabulary }, [Self.count]),
      integers("corrupted", same, [Self.count, Self.length]),
    ]) { url in
      let data = try TokenData(contentsOf: url, for: checkpoint.configuration)
      let record = try DataAnalysis(name: "own", data: data).analyse(checkpoint, on: Backend.cpu.make())
        .record
      let rigorous = try #require(record.rigorous)
      #expect(Set(rigorous.causal.map(\.method)) == ["mean", "zero", "resample", "noising", "denoising"])
      #expect(Set(rigorous.causal.map(\.effect)) == Set(Effect.allCases.map(\.rawValue)))
      for table in rigorous.causal {
        let isZero = table.values.allSatisfy { $0 == 0 }
        if ["noising", "denoising"].contains(table.method) {
          #expect(isZero, "\(table.method), \(table.effect)")
        } else if table.effect == Effect.logProbability.rawValue {
          #expect(!table.values.contains(0), "\(table.method)")
        }
      }
      #expect(rigorous.gradients.count == DataAnalysis.usualScores.count)
      #expect(record.configuration.modelType == (name == "gpt2" ? name : "llama"))
      let shared = checkpoint.configuration.architecture.keySharing > 1
      #expect((record.configuration.keyHeads != nil) == shared && (rigorous.keyGroups != nil) == shared)
      if let found = rigorous.keyGroups {
        let transformer = try checkpoint.transformer(on: Backend.cpu.make())
        let batches = data.batches(of: 64)
        var norms: [[Double]] = []
        _ = try GradientScores(
          transformer, batches: batches, method: .zero, scores: [.frobenius],
          whileWeights: { norms.append(try KeyGroupNorms(transformer).values.flatMap { $0 }) })
        let means = norms[0].indices.map { i in norms.reduce(0) { $0 + $1[i] } / Double(batches.count) }
        #expect(batches.count > 1 && relativeError(found.map(\.frobenius), means) <= 1e-12)
        let keyHeads = try #require(record.configuration.keyHeads)
        #expect(found.map(\.keyHead) == found.indices.map { $0 % keyHeads })
        #expect(found.map(\.layer) == found.indices.map { $0 / keyHeads })
      }
      #expect(
        record.components.count == checkpoint.configuration.layers * (checkpoint.configuration.heads + 1))
      let file = url.deletingLastPathComponent().appendingPathComponent("run.json")
      try record.write(to: file)
      #expect(try RunRecord.read(from: file) == record)
    }
  }

  @Test("by attributions that estimate what is asked for", arguments: ["gpt2", "llama3"])
  func estimates(name: String) throws {
    let checkpoint = try model(name)
    let answers = tokens(2, Self.count)
    func findings(_ corrupted: Int, _ metric: GradientMetric) throws -> DataAnalysis.Findings {
      var findings: DataAnalysis.Findings?
      try withFile([
        integers("answer", answers, [Self.count]),
        integers("foil", answers.map { ($0 + 1) % Self.vocabulary }, [Self.count]),
        integers("corrupted", tokens(corrupted), [Self.count, Self.length]),
      ]) { url in
        var analysis = DataAnalysis(
          name: "own", data: try TokenData(contentsOf: url, for: checkpoint.configuration))
        (analysis.estimated, analysis.metric, analysis.batchSize) = (.noising, metric, 5)
        (analysis.scores, analysis.interventions) = ([.attributionPatching, .integratedGradients], [.mean])
        analysis.edges = true
        findings = try analysis.analyse(checkpoint, on: Backend.cpu.make())
      }
      return try #require(findings)
    }
    func table(_ record: RunRecord, _ score: GradientScore) throws -> RunRecord.GradientTable {
      try #require(record.rigorous?.gradients.first { $0.score == score.rawValue })
    }
    func edges(_ findings: DataAnalysis.Findings) throws -> [Double] {
      try #require(findings.edges).rows(in: checkpoint.configuration).compactMap { $0.scores[.eap]?.mean }
    }
    var byMetric: [[Double]] = []
    for (metric, effect) in [
      (GradientMetric.targetLogProbability, Effect.logProbability), (.logitDifference, .logitDifference),
    ] {
      let same = try findings(1, metric)
      #expect(try table(same.record, .integratedGradients).values.allSatisfy { $0 == 0 })
      #expect(try table(same.record, .attributionPatching).values.allSatisfy { $0 == 0 })
      #expect(try edges(same).allSatisfy { $0 == 0 })
      let found = try findings(5, metric)
      let other = found.record
      byMetric.append(try edges(found))
      let causal = try #require(
        other.rigorous?.causal.first { $0.method == "noising" && $0.effect == effect.rawValue })
      // Integrated gradients are what noising does on average, and scores have no sign.
      // Every sample within 0.001 of its effect or of a small share of the metric.
      for (value, effect) in zip(try table(other, .integratedGradients).values, causal.values) {
        #expect(abs(value - abs(effect)) <= 3e-4)
      }
      #expect(causal.values.contains { abs($0) > 0.03 })
      #expect(other.notes.contains { $0.contains("noising") && $0.contains(metric.rawValue) })
      let rows = try #require(other.rigorous?.correlations.filter { $0.method == "noising" })
      #expect(rows.contains { $0.interval != nil })
    }
    #expect(relativeError(byMetric[1], byMetric[0]) > 0.1)
  }

  @Test("by circuits of the best components, some samples after others", arguments: ["neox", "llama3"])
  func faithfulness(name: String) throws {
    let checkpoint = try model(name)
    let sequences = (0..<30).map { row in
      let tokens = tokens(row, Self.length).map(Int32.init)
      return TokenSequence(tokens: tokens, targets: tokens.map { ($0 + 1) % Int32(Self.vocabulary) })
    }
    var analysis = DataAnalysis(name: "own", data: TokenData(sequences))
    analysis.interventions = [.mean]
    let without = try analysis.analyse(checkpoint, on: Backend.cpu.make()).record
    #expect(try #require(without.rigorous).faithfulness.isEmpty)
    analysis.faithfulness = true
    let device = try Backend.cpu.make()
    let record = try analysis.analyse(checkpoint, on: device).record
    let found = try #require(record.rigorous)
    let curves = found.faithfulness.filter { $0.effect == Effect.logProbability.rawValue }
    #expect(Set(curves.map(\.ranking)) == Set(found.gradients.map(\.score) + ["exact", "random"]))
    // As the engine has it, from all samples at once.
    let table = try #require(found.gradients.first { $0.score == "frobenius" })
    let components = Component.all(of: checkpoint.configuration)
    let ranking = components.indices.sorted { (-table.values[$0], $0) < (-table.values[$1], $1) }.map {
      components[$0]
    }
    let transformer = try checkpoint.transformer(on: device)
    let evaluation = CausalEvaluation(
      transformer, analysis.samples,
      means: try ComponentMeans(transformer, batches: analysis.data.batches(of: analysis.batchSize)))
    let expected = try Faithfulness(evaluation, [ranking], .mean).curve(ofRanking: 0, .logProbability)
    let curve = try #require(curves.first { $0.ranking == "frobenius" }?.values)
    #expect(relativeError(curve, try #require(expected.faithfulness)) <= 1e-6, "\(curve), \(expected)")
    // What was measured before is taken, and is the same.
    try withFolder { folder in
      let parts = folder.appendingPathComponent("parts")
      for _ in 0..<2 {
        let again = try analysis.analyse(checkpoint, on: device, keepingPartsIn: parts).record
        #expect(again.rigorous?.faithfulness == found.faithfulness)
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: parts.path).contains {
          $0.hasPrefix("circuits-0-")
        })
    }
  }

  @Test("by nothing that the data do not allow")
  func impossibleEstimates() throws {
    let checkpoint = try model("gpt2")
    var analysis = DataAnalysis(
      name: "own", data: TokenData([TokenSequence(tokens: [1, 2], targets: [-1, 3])]))
    for (estimated, metric, reason) in [
      (InterventionMethod.noising, GradientMetric.targetLogProbability, "needs corrupted tokens"),
      (.resample, .targetLogProbability, "cannot estimate 'resample'"),
      (.mean, .logitDifference, "needs foils"),
    ] {
      (analysis.estimated, analysis.metric) = (estimated, metric)
      let error = #expect(throws: StudyError.self) {
        try analysis.memory(of: checkpoint, on: Backend.cpu.make())
      }
      #expect("\(error.map { "\($0)" } ?? "")".contains(reason))
    }
  }

  @Test("as long as each sequence is, whatever follows it")
  func lengths() throws {
    let checkpoint = try model("neox")
    let lengths = (0..<Self.count).map { 4 + $0 % 2 * 3 }
    let targets = (0..<Self.count).flatMap { row in
      (0..<Self.length).map { $0 == lengths[row] - 1 ? row : -100 }
    }
    func scores(_ filler: Int) throws -> [RunRecord.CausalTable] {
      var values = tokens(1)
      for row in 0..<Self.count {
        for column in lengths[row]..<Self.length { values[row * Self.length + column] = filler }
      }
      var found: [RunRecord.CausalTable] = []
      try withFile([
        integers("tokens", values, [Self.count, Self.length]), integers("lengths", lengths, [Self.count]),
        integers("targets", targets, [Self.count, Self.length]),
      ]) { url in
        let data = try TokenData(contentsOf: url, for: checkpoint.configuration)
        found = try #require(
          DataAnalysis(name: "own", data: data).analyse(checkpoint, on: Backend.cpu.make()).record.rigorous
        ).causal
      }
      return found
    }
    #expect(try scores(0) == scores(17))
  }

  @Test("or the file is refused by naming what is wrong")
  func refusals() throws {
    let checkpoint = try model("gpt2")
    let (rows, matrix) = ([Self.count], [Self.count, Self.length])
    let targets = try integers("targets", tokens(2), matrix)
    let none = try integers("targets", [Int](repeating: -100, count: Self.count * Self.length), matrix)
    for (tensors, reason) in [
      ([], "needs targets [B, T] or answer [B]"),
      ([none], "has no target in sequence 0"),
      (
        [targets, try integers("corrupted", tokens(1, 24), [Self.count, 2])],
        "'corrupted' has the shape [12, 2]"
      ),
      (
        [targets, try integers("lengths", [Int](repeating: 10, count: Self.count), rows)],
        "has length 10 for sequence 0"
      ),
      (
        [targets, try integers("answer", tokens(5, Self.count), rows)], "but another target at its last token"
      ),
      (
        [targets, try integers("foil", [Int](repeating: 29, count: Self.count), rows)],
        "the model's vocabulary is 0..<29"
      ),
      (
        [targets, try integers("label", tokens(5, Self.count), rows)],
        "has the tensor 'label', which is none of"
      ),
      ([try integers("tokens", tokens(1, 4), [4]), targets], "must be [B, T], not [4]"),
    ] {
      try withFile(tensors) { url in
        let error = #expect(throws: (any Error).self) {
          try TokenData(contentsOf: url, for: checkpoint.configuration)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains(reason), "\(reason)")
      }
    }
  }

  @Test("and the analysis goes on where it was interrupted, with the same numbers")
  func interruption() throws {
    let checkpoint = try model("gpt2")
    // 50 sequences: pieces of interventions, batches of gradients and of edges.
    let count = 50
    let tensors = [
      try integers("tokens", tokens(1, count * Self.length), [count, Self.length]),
      try integers("corrupted", tokens(2, count * Self.length), [count, Self.length]),
      try integers("answer", tokens(3, count), [count]),
    ]
    try withFile(tensors) { url in
      let parts = url.deletingLastPathComponent().appendingPathComponent("parts")
      let device = try Backend.cpu.make()
      func analysis(stopAfter limit: Int = .max) throws -> DataAnalysis {
        var analysis = DataAnalysis(
          name: "own", data: try TokenData(contentsOf: url, for: checkpoint.configuration))
        (analysis.edges, analysis.edgeFaithfulness) = (true, true)
        let begun = Mutex(0)
        analysis.supervisor = Supervisor(
          report: { if case .part = $0 { begun.withLock { $0 += 1 } } },
          shouldStop: { begun.withLock { $0 >= limit } })
        return analysis
      }
      let whole = try analysis().analyse(checkpoint, on: device)
      for limit in [2, 6, 9] {
        #expect(throws: StudyError.self) {
          try analysis(stopAfter: limit).analyse(checkpoint, on: device, keepingPartsIn: parts)
        }
      }
      func kept() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: parts.path) }
      #expect(try kept().count >= 8)
      // Parts of another analysis are refused, and so are damaged ones; nothing is lost.
      var other = try analysis()
      other.seed = 7
      #expect(throws: StudyError.self) { try other.analyse(checkpoint, on: device, keepingPartsIn: parts) }
      let first = parts.appendingPathComponent("gradients-0-7.safetensors")
      let bytes = try Data(contentsOf: first)
      var damaged = bytes
      damaged[damaged.count - 3] ^= 1
      try damaged.write(to: first)
      #expect(throws: SafetensorsError.self) {
        try analysis().analyse(checkpoint, on: device, keepingPartsIn: parts)
      }
      try bytes.write(to: first)
      let resumed = try analysis().analyse(checkpoint, on: device, keepingPartsIn: parts)
      #expect(resumed.record.withoutTimings == whole.record.withoutTimings)
      let (rows, expected) = try (
        #require(resumed.edges).rows(in: checkpoint.configuration),
        #require(whole.edges).rows(in: checkpoint.configuration)
      )
      #expect(rows.map(\.edge) == expected.map(\.edge) && !rows.isEmpty)
      for score in EdgeScores.Score.allCases {
        #expect(rows.map { $0.scores[score]?.mean } == expected.map { $0.scores[score]?.mean })
        #expect(rows.map { $0.scores[score]?.error } == expected.map { $0.scores[score]?.error })
      }
      let (curves, expectedCurves) = try (
        #require(resumed.edgeFaithfulness), #require(whole.edgeFaithfulness)
      )
      #expect(
        curves.outcomes == expectedCurves.outcomes
          && curves.outcomes.joined().allSatisfy { $0.count == count })
      // The whole model and nothing are the same for every ranking.
      #expect(Set(curves.outcomes.map { $0[0] }).count == 1 && Set(curves.outcomes.map { $0[10] }).count == 1)
      // Something else in the folder is refused, and is never deleted.
      let foreign = parts.appendingPathComponent("notes.txt")
      try Data("mine".utf8).write(to: foreign)
      #expect(throws: StudyError.self) {
        try analysis().analyse(checkpoint, on: device, keepingPartsIn: parts)
      }
      #expect(throws: StudyError.self) { try resumed.removeParts() }
      #expect(try kept().count > 9)
      try FileManager.default.removeItem(at: foreign)
      try resumed.removeParts()
      #expect(try FileKind.of(parts) == nil)
    }
  }

  @Test("with edges only where the data have corrupted tokens")
  func edgesWithoutCorrupted() throws {
    let checkpoint = try model("gpt2")
    try withFile([integers("answer", tokens(2, Self.count), [Self.count])]) { url in
      var analysis = DataAnalysis(
        name: "own", data: try TokenData(contentsOf: url, for: checkpoint.configuration))
      analysis.edges = true
      let error = #expect(throws: StudyError.self) {
        try analysis.analyse(checkpoint, on: Backend.cpu.make())
      }
      #expect("\(try #require(error))".contains("edges need corrupted tokens"))
    }
  }

  @Test("and a model of another family is not scored on a task")
  func tasks() throws {
    #expect(throws: StudyError.self) { try FoundModel(checkpointAt: Fixtures.url("families/gpt2")) }
  }
}
