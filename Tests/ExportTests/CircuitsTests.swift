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
}
