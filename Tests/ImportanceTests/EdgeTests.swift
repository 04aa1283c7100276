import CPUDevice
import Compute
import Importance
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing
import Transformer

@Suite("An edge") struct EdgeTests {
  private static let configuration = ModelConfiguration(layers: 3, heads: 2, dModel: 24, dMLP: 40)

  @Test("exists where its writer comes before its reader, and has a name")
  func names() throws {
    let edges = Edge.all(of: Self.configuration)
    // From the embedding 7·3 + 1 readers, from each head of L0 (L0_MLP, two layers of 7, logits) 16, and so on.
    #expect(edges.count == 22 + 2 * 16 + 15 + 2 * 9 + 8 + 2 * 2 + 1)
    #expect(Set(edges.map(\.name)).count == edges.count)
    for edge in edges {
      #expect(try Edge(named: edge.name, in: Self.configuration) == edge)
    }
    #expect(edges.first?.name == "embed>L0_H0.q" && edges.last?.name == "L2_MLP>logits")
  }

  @Test(
    "patched alone gives PyTorch's logits, for every edge", arguments: GradientFixture.Name.allCases,
    Backend.allCases)
  func oracle(name: GradientFixture.Name, backend: Backend) throws {
    let fixture = try EdgeFixture(name)
    let model = try fixture.model(on: backend.make())
    let (configuration, width) = (model.configuration, model.configuration.vocabulary)
    #expect(Set(fixture.edges) == Set(Edge.all(of: configuration)))
    let samples = ForkedForward.Samples(
      Array(fixture.clean.prefix(1)), otherRuns: [[fixture.corrupted[0].tokens]])
    for method in [InterventionMethod.noising, .denoising] where fixture.file.contains(method.rawValue) {
      let expected = try fixture.file.floats(named: method.rawValue)
      let interventions = try fixture.edges.map {
        try method.intervention(onEdges: [$0], in: configuration)
      }
      let base = Intervention(run: interventions[0].run)
      let found = try ForkedForward(model).logits(samples, [base] + interventions)
      for (i, edge) in fixture.edges.enumerated() {
        let last = Array(found[i + 1].suffix(2 * width))
        let error = zip(last, expected[i * 2 * width..<(i + 1) * 2 * width]).map { abs($0 - $1) }.max()
        #expect(try #require(error) <= 1e-4, "\(method) \(edge.name)")
      }
      // Edges must have different results, or the comparison shows little.
      #expect(Set(found).count > fixture.edges.count / 2)
    }
  }

  @Test(
    "beside other edges gives the result that it has alone, bit for bit",
    arguments: Backend.allCases)
  func company(backend: Backend) throws {
    let model = try Examples.randomModel(Self.configuration, seed: 181, on: backend.make())
    let samples = try Examples.causalSamples(backend == .cpu ? 9 : 3, 2...4, seed: 182)
    let means = try ComponentMeans(model, batches: [Examples.sequences(9, 3...4, seed: 183)])
    let edges = Edge.all(of: Self.configuration)
    func intervention(_ edges: [Edge], _ method: InterventionMethod) throws -> Intervention {
      try method.intervention(onEdges: edges, in: Self.configuration, means: means)
    }
    var interventions = try edges.map { try intervention([$0], .noising) }
    let components = edges.filter { $0.writer != .embedding }
    interventions += try [
      intervention(edges, .noising), intervention(edges, .denoising), intervention(components, .mean),
      intervention(edges.filter { $0.reader == edges[0].reader }, .resample), intervention(edges, .zero),
      intervention(Array(components[3..<9]), .zero), .none, Intervention(run: 1),
    ]
    // Edges together with patched outputs, before and after them.
    let heads = [Component.head(layer: 0, head: 1), .mlp(layer: 1)]
    for method in [InterventionMethod.zero, .mean, .noising, .published] {
      var both = try method.intervention(on: heads, means: means)
      both.patches += try intervention(Array(components[5..<15]), .noising).patches
      interventions.append(both)
    }
    if backend == .reference {
      interventions = interventions.enumerated().filter { $0.offset % 5 == 1 }.map(\.element)
    }
    var evaluation = CausalEvaluation(model, samples, means: means)
    let together = try evaluation.outcomes(interventions)
    for (i, intervention) in interventions.enumerated() {
      #expect(try evaluation.outcomes([intervention])[0] == together[i], "\(intervention)")
    }
    #expect(Set(together.map(\.logProbability)).count > interventions.count / 2)
    guard backend == .cpu else { return }
    for rowLimit in [1, 333] {
      evaluation.rowLimit = rowLimit
      #expect(try evaluation.outcomes(interventions) == together, "\(rowLimit) rows at a time")
    }
  }

  @Test("equals a forward whose receiver reads the changed stream, bit for bit", arguments: Backend.allCases)
  func byHand(backend: Backend) throws {
    let model = try Examples.randomModel(Self.configuration, seed: 184, on: backend.make())
    let samples = try Examples.causalSamples(3, 2...4, seed: 185)
    let runs = try [samples.sequences.map(\.tokens), samples.corrupted].map { run in
      try Batch(
        zip(run, samples.sequences).map { TokenSequence(tokens: $0, targets: $1.targets) }, .all,
        for: model.configuration, on: model.device)
    }
    var edges = Edge.all(of: Self.configuration)
    if backend != .cpu { edges = edges.enumerated().filter { $0.offset % 7 == 2 }.map(\.element) }
    let interventions = try edges.map {
      try InterventionMethod.noising.intervention(onEdges: [$0], in: Self.configuration)
    }
    let forked = ForkedForward.Samples(samples.sequences, otherRuns: [samples.corrupted])
    let together = try ForkedForward(model).logits(forked, interventions)
    for (i, edge) in edges.enumerated() {
      try model.forward(runs[0], hooks: try model.plainHooks(interventions[i], runs))
      let alone = try model.readLogits(runs[0])
      // The reference has more digits than a difference computed on the host.
      #expect(
        backend == .reference
          ? relativeError(together[i], alone) <= 1e-6 : together[i].bits == alone.bits, "\(edge.name)")
    }
  }

  @Test("without a difference changes no bit, and all writers together give the input of the other run")
  func sums() throws {
    let model = try Examples.randomModel(Self.configuration, seed: 186, on: CPUDevice(threads: 2))
    let samples = try Examples.causalSamples(7, 2...4, seed: 187)
    let edges = Edge.all(of: Self.configuration)
    let same = edges.map { edge in
      Intervention(patches: [
        Patch(
          edge.reader.site(in: Self.configuration),
          .difference(of: edge.writer.site, from: .run(1), to: .run(1)))
      ])
    }
    let evaluation = CausalEvaluation(model, samples)
    let outcomes = try evaluation.outcomes([.none] + same)
    for (edge, outcome) in zip(edges, outcomes.dropFirst()) {
      #expect(outcome == outcomes[0], "\(edge.name)")
    }
    for reader in Edge.Reader.all(of: Self.configuration) {
      let all = try InterventionMethod.noising.intervention(
        onEdges: edges.filter { $0.reader == reader }, in: Self.configuration)
      let other = Intervention(patches: [Patch(reader.site(in: Self.configuration), .run(1))])
      let found = try evaluation.outcomes([all, other])
      #expect(
        relativeError(found[0].logProbability, found[1].logProbability) <= 1e-5, "\(reader.name)")
      #expect(found[1] != outcomes[0], "\(reader.name)")
    }
  }

  @Test(
    "inputs that read another run's stream equal a patched output, and a patched stream gives that run")
  func otherRun() throws {
    let model = try Examples.randomModel(Self.configuration, seed: 188, on: CPUDevice(threads: 2))
    let samples = try Examples.causalSamples(7, 2...4, seed: 189)
    let evaluation = CausalEvaluation(model, samples)
    for component in Component.all(of: Self.configuration) {
      let ports = component.head == nil ? [Port.mlp] : [.query, .key, .value]
      let found = try evaluation.outcomes([
        Intervention(patches: ports.map { Patch(.input(component, $0), .run(1)) }),
        Intervention(patches: [Patch(.output(component), .run(1))]),
      ])
      #expect(found[0] == found[1], "\(component.name)")
    }
    let corrupted = try evaluation.outcomes([Intervention(run: 1)])[0]
    let clean = try evaluation.outcomes([.none])[0]
    for layer in 0...Self.configuration.layers {
      let found = try evaluation.outcomes([
        Intervention(patches: [Patch(.residual(layer), .run(1))]),
        Intervention(run: 1, patches: [Patch(.residual(layer), .run(0))]),
      ])
      #expect(found[0] == corrupted && found[1] == clean, "the stream into L\(layer)")
    }
  }

  @Test("that is invalid is refused with the reason")
  func refused() throws {
    let model = try Examples.randomModel(Self.configuration, seed: 190, on: CPUDevice(threads: 1))
    let forked = ForkedForward(model)
    let sequences = Examples.sequences(2, 2...2, seed: 191)
    let samples = ForkedForward.Samples(sequences, otherRuns: [sequences.map(\.tokens)])
    let (head, late) = (Component.head(layer: 1, head: 0), Component.mlp(layer: 2))
    func difference(_ site: Site, from: Patch.Value = .run(0), to: Patch.Value = .run(1)) -> Patch.Value {
      .difference(of: site, from: from, to: to)
    }
    let early = Site.output(.mlp(layer: 0))
    let good = Patch(.input(head, .query), difference(early))
    _ = try forked.scores(samples, [Intervention(patches: [good])])
    for (patches, word) in [
      ([Patch(.input(head, .query), difference(.output(late)))], "L2_MLP comes after"),
      ([Patch(.input(head, .query), difference(.output(head)))], "L1_H0 comes after"),
      ([Patch(.input(late, .mlp), difference(.output(late)))], "L2_MLP comes after"),
      ([Patch(.output(late), difference(early))], "no place to add"),
      ([Patch(.input(head, .mlp), difference(early))], "does not have"),
      ([Patch(.input(late, .query), difference(early))], "does not have"),
      ([Patch(.residual(4), .zero)], "does not have"),
      ([Patch(.input(head, .key), difference(.input(head, .query)))], "does not write"),
      ([Patch(.input(head, .key), difference(.projectedColumns(layer: 0, head: 0)))], "does not write"),
      ([Patch(.input(head, .key), difference(early, to: .run(2)))], "run 2"),
      ([Patch(.input(head, .key), difference(early, to: .constant([1])))], "1 values"),
      ([Patch(.input(head, .key), difference(early, to: difference(early)))], "difference of differences"),
      ([good, good], "two differences"),
      ([good, Patch(.input(head, .query), .run(1))], "two patches"),
    ] {
      #expect("\(word)") {
        try forked.scores(samples, [Intervention(patches: patches)])
      } throws: {
        $0 is ModelError && "\($0)".contains(word)
      }
    }
    for method in [InterventionMethod.published, .mean] {
      #expect(throws: ImportanceError.self) {
        try method.intervention(onEdges: [Edge.all(of: Self.configuration)[0]], in: Self.configuration)
      }
    }
    // A single forward has no other runs and no patched inputs.
    #expect(throws: ModelError.self) {
      try Hooks.applying([Intervention(patches: [good])], to: model)
    }
  }
}

@Suite("Attributions of edges") struct EdgeAttributionTests {
  @Test(
    "agree with PyTorch (EAP and EAP-IG) for every edge and metric", arguments: GradientFixture.Name.allCases,
    Backend.allCases)
  func oracle(name: GradientFixture.Name, backend: Backend) throws {
    let fixture = try EdgeFixture(name)
    let model = try fixture.model(on: backend.make())
    for metric in GradientMetric.allCases {
      for (kind, steps) in [("eap", nil), ("eap_ig", EdgeAttribution.defaultSteps)] {
        let found = try EdgeAttribution(
          model, batches: [fixture.clean], corrupted: [fixture.corrupted], metric: metric, steps: steps)
        #expect(found.writers.map(\.name) == fixture.writers && found.readers.map(\.name) == fixture.readers)
        let expected = try fixture.file.floats(named: "\(metric.rawValue).\(kind)").map(Double.init)
        let values = Array(found.values.joined().joined())
        #expect(values.count == expected.count)
        let error = zip(values, expected).map { abs($0 - $1) }.max()
        #expect(try #require(error) <= 1e-4, "\(metric) \(kind)")
        #expect(relativeError(values, expected) <= backend.bound, "\(metric) \(kind)")
        #expect(expected.contains { abs($0) > 1e-3 })
      }
    }
  }

  @Test(
    "have the mean and the standard error of PyTorch's values over samples, for every edge",
    arguments: GradientFixture.Name.allCases, [Backend.reference, .cpu])
  func means(name: GradientFixture.Name, backend: Backend) throws {
    let fixture = try EdgeFixture(name)
    let model = try fixture.model(on: backend.make())
    let scores = try EdgeScores(model, fixture.clean, corrupted: fixture.corrupted)
    let rows = scores.rows(in: model.configuration)
    #expect(Set(rows.map(\.edge)) == Set(Edge.all(of: model.configuration)))
    let samples = fixture.clean.count
    for score in EdgeScores.Score.allCases {
      let values = try fixture.file.floats(named: "target_log_probability.\(score.rawValue)").map(Double.init)
      var (found, expected) = ([[Double]](repeating: [], count: 2), [[Double]](repeating: [], count: 2))
      for row in rows {
        let (w, r) = (
          try #require(scores.writers.firstIndex(of: row.edge.writer)),
          try #require(scores.readers.firstIndex(of: row.edge.reader))
        )
        let first = (w * scores.readers.count + r) * samples
        let own = values[first..<first + samples]
        let mean = own.reduce(0, +) / Double(samples)
        let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples - 1)
        expected[0].append(mean)
        expected[1].append((variance / Double(samples)).squareRoot())
        let estimate = try #require(row.scores[score])
        found[0].append(estimate.mean)
        found[1].append(try #require(estimate.error))
      }
      for (found, expected) in zip(found, expected) {
        #expect(relativeError(found, expected) <= backend.bound, "\(score)")
        #expect(expected.contains { abs($0) > 1e-3 })
      }
    }
  }

  @Test("of several batches are concatenated, and those of identical runs are zero")
  func batches() throws {
    let model = try Examples.randomModel(seed: 192, on: CPUDevice(threads: 2))
    let clean = [Examples.sequences(3, 2...4, seed: 193), Examples.sequences(2, 3...3, seed: 194)]
    let corrupted = clean.map { batch in
      batch.map { sequence in
        TokenSequence(tokens: sequence.tokens.map { ($0 + 1) % 100 }, targets: sequence.targets)
      }
    }
    let together = try EdgeAttribution(model, batches: clean, corrupted: corrupted, steps: 3)
    for (edge, i) in zip(Edge.all(of: model.configuration), 0...) where i % 3 == 0 {
      let apart = try (0..<2).flatMap { batch in
        try #require(
          try EdgeAttribution(
            model, batches: [clean[batch]], corrupted: [corrupted[batch]], steps: 3)[edge])
      }
      #expect(together[edge] == apart && apart.count == 5, "\(edge.name)")
    }
    let same = try EdgeAttribution(model, batches: clean, corrupted: clean)
    #expect(same.values.joined().joined().allSatisfy { $0 == 0 })
    #expect(throws: GradientScoreError.self) {
      try EdgeAttribution(model, batches: clean, corrupted: clean.map { Array($0.dropLast()) })
    }
  }
}

@Suite("A circuit of edges") struct EdgeCircuitTests {
  @Test("agrees with PyTorch", arguments: GradientFixture.Name.allCases, Backend.allCases)
  func oracle(name: GradientFixture.Name, backend: Backend) throws {
    let fixture = try EdgeFixture(name)
    let model = try fixture.model(on: backend.make())
    let circuit = try EdgeCircuit(model, fixture.clean, corrupted: fixture.corrupted)
    let expected = try fixture.file.floats(named: "circuits").map(Double.init)
    let kept = try fixture.file.floats(named: "circuits.kept")
    let (samples, edges) = (fixture.clean.count, fixture.edges.count)
    for row in 0..<3 {
      let chosen = fixture.edges.indices.filter { kept[row * edges + $0] != 0 }.map { fixture.edges[$0] }
      let found = try circuit.scores(keeping: Set(chosen)).map(\.logProbability)
      let error = relativeError(found, Array(expected[row * samples..<(row + 1) * samples]))
      #expect(error <= backend.bound, "\(row)")
    }
    #expect(Set(expected).count > samples)
  }

  @Test(
    "of all edges is the clean run, of none the corrupted run, and without one edge that edge patched",
    arguments: ["gpt2", "llama", "neox", "neox-sequential", "qwen2"], Backend.allCases)
  func ends(family: String, backend: Backend) throws {
    let checkpoint = try CheckpointSource(Fixtures.url("families/\(family)"))
    let model = try checkpoint.transformer(on: backend.make())
    let configuration = model.configuration
    func sequences(_ seed: Int) -> [TokenSequence] {
      (0..<3).map { row in
        let tokens = (0..<5 + row).map {
          Int32(($0 * $0 * 7 + $0 * seed + row * 3) % configuration.vocabulary)
        }
        let targets = tokens.indices.map { $0 < 3 || $0 % 2 == 0 ? TokenSequence.noLoss : tokens[$0 - 1] }
        return TokenSequence(tokens: tokens, targets: targets)
      }
    }
    let clean = sequences(3)
    let corrupted = zip(sequences(5), clean).map { TokenSequence(tokens: $0.tokens, targets: $1.targets) }
    let circuit = try EdgeCircuit(model, clean, corrupted: corrupted)
    let edges = Edge.all(of: configuration)
    let samples = ForkedForward.Samples(clean, otherRuns: [corrupted.map(\.tokens)])
    let runs = try ForkedForward(model).scores(samples, [.none, Intervention(run: 1)])
    #expect(try circuit.scores(keeping: Set(edges)) == runs[0])
    #expect(try circuit.scores(keeping: []) == runs[1])
    let patched = try ForkedForward(model).scores(
      samples, try edges.map { try InterventionMethod.noising.intervention(onEdges: [$0], in: configuration) }
    )
    for (edge, expected) in zip(edges, patched) {
      let found = try circuit.scores(keeping: Set(edges).subtracting([edge]))
      for (one, other) in zip(found, expected) {
        #expect(abs(one.logProbability - other.logProbability) <= 2e-5, "\(edge.name)")
      }
    }
  }

  @Test("is not defined where branches are normalised")
  func normalised() throws {
    let model = try CheckpointSource(Fixtures.url("families/gemma2")).transformer(on: CPUDevice(threads: 1))
    let sequences = [TokenSequence(tokens: [1, 2, 3], targets: [-100, -100, 4])]
    #expect(throws: ImportanceError.self) { try EdgeCircuit(model, sequences, corrupted: sequences) }
  }
}
