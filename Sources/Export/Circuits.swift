import AtomicFile
import Concurrency
import Foundation
import Records
import Report

/// Rankings of components as circuit files of the benchmark MIB (arXiv:2504.13151): a file for each run and score, with every component in
/// the graph and its score, from which MIB takes as many as a size asks for. Edges are not scored by these rankings: `edges` is empty.
///
/// ```swift
/// try Circuits(in: folder).write(records)      // folder/sort/seed-42/frobenius.json
/// ```
package struct Circuits {
  private let folder: URL

  /// - Parameter folder: is made; circuits of an earlier report in it are replaced.
  package init(in folder: URL) { self.folder = folder }

  /// Writes every gradient score of the records, and every causal score as `INTERVENTION-METRIC`.
  ///
  /// - Parameter name: a folder inside, for one of several studies.
  /// - Throws: `RecordError`, `AtomicFileError`.
  package func write(_ records: [RunRecord], as name: String? = nil) throws {
    let place = name.map { folder.appendingPathComponent($0, isDirectory: true) } ?? folder
    _ = try concurrentMap(records) { record in
      let run = place.appendingPathComponent("\(record.task)/seed-\(record.seed)", isDirectory: true)
      try StudyFolder.create(run)
      for (score, values) in Self.scores(record) {
        try writeAtomically(
          RecordCoding.encode(Circuit(record, values)), to: run.appendingPathComponent("\(score).json"))
      }
    }
  }

  /// Every score of the components, by the name of its file.
  private static func scores(_ record: RunRecord) -> [(name: String, values: [Double])] {
    guard let rigorous = record.rigorous else {
      let names = Set(record.components.flatMap(\.gradient.keys)).sorted()
      let measures = Set(record.components.flatMap(\.causal.keys)).sorted()
      return names.map { name in (name, record.components.map { $0.gradient[name] ?? 0 }) }
        + measures.map { name in
          ("\(name)-\(RecordNames.Effect.exactMatch)", record.components.map { $0.causal[name] ?? 0 })
        }
    }
    return rigorous.gradients.filter { $0.distribution == RecordNames.Distribution.ood }
      .map { ($0.score, $0.values) } + rigorous.causal.map { ("\($0.method)-\($0.effect)", $0.values) }
  }
}

/// The content of a circuit file.
private struct Circuit: Encodable {
  struct Configuration: Encodable {
    var layers, heads, width: Int
    /// Whether an MLP reads what its layer's heads read.
    var isParallel = false

    private enum CodingKeys: String, CodingKey {
      case layers = "n_layers"
      case heads = "n_heads"
      case width = "d_model"
      case isParallel = "parallel_attn_mlp"
    }
  }

  struct Node: Encodable {
    var isInGraph = true
    var score: Double?

    private enum CodingKeys: String, CodingKey {
      case isInGraph = "in_graph"
      case score
    }
  }

  let cfg: Configuration
  let nodes: [String: Node]
  let edges: [String: Node] = [:]

  init(_ record: RunRecord, _ scores: [Double]) {
    let configuration = record.configuration
    cfg = Configuration(
      layers: configuration.layers, heads: configuration.heads, width: configuration.dModel)
    var nodes = ["input": Node(), "logits": Node()]
    for (component, score) in zip(record.components, scores) {
      let name = component.head.map { "a\(component.layer).h\($0)" } ?? "m\(component.layer)"
      nodes[name] = Node(score: score)
    }
    self.nodes = nodes
  }
}
