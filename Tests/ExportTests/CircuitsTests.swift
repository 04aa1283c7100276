import Export
import Foundation
import Importance
import Records
import TestSupport
import Testing
import Transformer

@Suite("Circuit files of the benchmark MIB")
struct CircuitsTests {
  @Test("have every component with its score, and what MIB's reader asks for")
  func files() throws {
    func component(_ name: String, _ head: Int?, _ score: Double) -> RunRecord.ComponentRecord {
      .init(
        name: name, layer: 1, head: head, gradient: ["frobenius": score], causal: ["mean": -score],
        gradientRank: 1, causalRank: 1, delta: 0, componentClass: .neutral, measures: [:])
    }
    let record = RunRecord(
      task: "sort", seed: 7, protocolName: "published", configuration: .init(layers: 2, heads: 3, dModel: 12),
      device: .init(selector: "cpu", name: "a", kind: "cpu", driver: nil), versions: [:], training: nil,
      ood: .init(length: 8, accuracy: 0.5, inWindow: true, searched: []),
      components: [component("L1_H2", 2, 0.25), component("L1_MLP", nil, 0.5)], causalMeasure: "mean",
      rho: nil, rhoReason: nil, measures: [:], heroes: [], bloats: [])
    try withFolder { folder in
      try Circuits(in: folder).write([record], as: "study")
      func read(_ name: String) throws -> [String: Any] {
        let file = folder.appendingPathComponent("study/sort/seed-7/\(name).json")
        return try #require(
          try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
      }
      let circuit = try read("frobenius")
      #expect(Set(circuit.keys) == ["cfg", "nodes", "edges"])
      let configuration = try #require(circuit["cfg"] as? [String: Any])
      #expect(configuration["n_layers"] as? Int == 2 && configuration["n_heads"] as? Int == 3)
      #expect(configuration["d_model"] as? Int == 12 && configuration["parallel_attn_mlp"] as? Bool == false)
      let nodes = try #require(circuit["nodes"] as? [String: [String: Any]])
      #expect(Set(nodes.keys) == ["input", "logits", "a1.h2", "m1"])
      #expect(nodes.values.allSatisfy { $0["in_graph"] as? Bool == true })
      #expect(nodes["a1.h2"]?["score"] as? Double == 0.25 && nodes["m1"]?["score"] as? Double == 0.5)
      let causal = try read("mean-exact_match")
      #expect((causal["nodes"] as? [String: [String: Any]])?["m1"]?["score"] as? Double == -0.5)
    }
  }

  @Test("and table have every edge with its mean and standard error")
  func edges() throws {
    let configuration = ModelConfiguration(layers: 1, heads: 2, dModel: 8, dMLP: 8)
    let (writers, readers) = (4, 8)
    let values = (0..<writers * readers).map { Double($0) }
    // Two samples: one has twice the value, the other nothing.
    let scores = EdgeScores(
      configuration, samples: 2,
      sums: [
        .eap: (values.map { 2 * $0 }, values.map { 4 * $0 * $0 }), .eapIG: (values, values),
      ])
    try withFolder { folder in
      try Circuits(in: folder).write(scores, in: configuration)
      let circuit = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appendingPathComponent("eap.json")))
          as? [String: Any])
      let edges = try #require(circuit["edges"] as? [String: [String: Any]])
      #expect(
        Set(edges.keys) == [
          "input->a0.h0<q>", "input->a0.h0<k>", "input->a0.h0<v>", "input->a0.h1<q>", "input->a0.h1<k>",
          "input->a0.h1<v>", "input->m0", "input->logits", "a0.h0->m0", "a0.h0->logits", "a0.h1->m0",
          "a0.h1->logits", "m0->logits",
        ])
      // Writer 1 and reader 6.
      #expect(edges["a0.h0->m0"]?["score"] as? Double == -14)
      #expect((circuit["nodes"] as? [String: Any])?.count == 5)
    }
    let lines = scores.csv(in: configuration).split(separator: "\n")
    #expect(lines.count == 1 + 2 * 13)
    #expect(lines[0] == "writer,reader,score,mean,standard_error,samples")
    #expect(lines.contains("L0_H0,L0_MLP,eap,14.0,14.0,2"))
  }

  @Test("of the best edges have their faithfulness at MIB's sizes in a table")
  func faithfulness() throws {
    let configuration = ModelConfiguration(layers: 1, heads: 2, dModel: 8, dMLP: 8)
    // Magnitudes grow and signs alternate.
    let places: [Double] = (0..<32).map { place in
      let size = Double(place / 2 + 1)
      return place % 2 == 0 ? size : -size
    }
    let scores = EdgeScores(
      configuration, samples: 1, sums: [.eap: (places, places), .eapIG: (places, places)])
    var found = EdgeFaithfulness(scores, in: configuration)
    #expect(found.counts == [0, 0, 0, 0, 0, 0, 0, 1, 2, 6, 13])
    #expect(
      found.rankings.map(\.name) == ["eap.signed", "eap.magnitude", "eap_ig.signed", "eap_ig.magnitude"])
    let rows = scores.rows(in: configuration)
    func mean(_ edge: Edge) -> Double { rows.first { $0.edge == edge }?.scores[.eap]?.mean ?? 0 }
    let (signed, magnitude) = (found.rankings[0].edges.map(mean), found.rankings[1].edges.map(mean))
    #expect(signed == signed.sorted() && signed.count == 13)
    #expect(magnitude.map(abs) == magnitude.map(abs).sorted(by: >))
    // Every ranking has log-probabilities from −4 to −2 as its circuits grow, in two samples.
    let shares: [Double] = [0, 0, 0, 0, 0, 0, 0, 0.25, 0.5, 0.75, 1]
    let curve: [[Double]] = shares.map { share in [Double](repeating: 2 * share - 4, count: 2) }
    found.append(found.rankings.map { _ in curve })
    let lines = found.csv.split(separator: "\n")
    #expect(lines.count == 1 + 4 * 11)
    #expect(lines[0] == "score,order,size,edges,log_probability,faithfulness,cpr,cmd")
    let half = try #require(lines.first { $0.hasPrefix("eap,signed,0.5,6,") }, "\(found.csv)")
    #expect(half.hasPrefix("eap,signed,0.5,6,-2.5,0.75,"))
    // By hand: trapezoids between 0.05, 0.1, 0.2, 0.5 and 1.
    let area = 0.05 * 0.125 + 0.1 * 0.375 + 0.3 * 0.625 + 0.5 * 0.875
    let areas = try #require(found.curve(ofRanking: 0).areas)
    #expect(abs(areas.cpr - area) < 1e-12)
    #expect(
      found.lines[0] == String(format: "edges by eap, best first: CPR %.3f, CMD %.3f", areas.cpr, areas.cmd))
  }
}
