import Export
import Foundation
import Records
import TestSupport
import Testing

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
}
