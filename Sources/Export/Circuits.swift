import AtomicFile
import Concurrency
import Foundation
import Importance
import Records
import Report
import Transformer

/// Rankings as circuit files of the benchmark MIB (arXiv:2504.13151), with everything in the graph and its score, from which MIB takes as
/// many as a size asks for: of components a file for each run and score, with no edges, and of edges a file for each score.
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
      try Self.write(
        record, in: place.appendingPathComponent("\(record.task)/seed-\(record.seed)", isDirectory: true))
    }
  }

  /// Writes the mean attribution of every edge, a file for each score. MIB keeps the edges with the largest scores, which are of a
  /// loss: an edge scores highest whose corruption costs most, so scores are minus the means. An MLP or a head is in the graph
  /// without a score of its own.
  ///
  /// - Throws: `RecordError`, `AtomicFileError`.
  package func write(_ edges: EdgeScores, in configuration: ModelConfiguration) throws {
    try StudyFolder.create(folder)
    let rows = edges.rows(in: configuration)
    for score in EdgeScores.Score.allCases {
      try writeAtomically(
        RecordCoding.encode(Circuit(rows, score, configuration)),
        to: folder.appendingPathComponent("\(score.rawValue).json"))
    }
  }

  /// Writes every score of the components of one record, a file for each score.
  ///
  /// - Throws: `RecordError`, `AtomicFileError`.
  package func write(_ record: RunRecord) throws { try Self.write(record, in: folder) }

  private static func write(_ record: RunRecord, in folder: URL) throws {
    try StudyFolder.create(folder)
    for (score, values) in scores(record) {
      try writeAtomically(
        RecordCoding.encode(Circuit(record, values)), to: folder.appendingPathComponent("\(score).json"))
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

  struct Entry: Encodable {
    var isInGraph = true
    var score: Double?

    private enum CodingKeys: String, CodingKey {
      case isInGraph = "in_graph"
      case score
    }
  }

  let cfg: Configuration
  let nodes: [String: Entry]
  var edges: [String: Entry] = [:]

  init(_ record: RunRecord, _ scores: [Double]) {
    let configuration = record.configuration
    cfg = Configuration(
      layers: configuration.layers, heads: configuration.heads, width: configuration.dModel,
      isParallel: configuration.parallelBlocks ?? false)
    var nodes = ["input": Entry(), "logits": Entry()]
    for (component, score) in zip(record.components, scores) {
      nodes[Self.name(layer: component.layer, head: component.head)] = Entry(score: score)
    }
    self.nodes = nodes
  }

  init(_ rows: [EdgeScores.Row], _ score: EdgeScores.Score, _ configuration: ModelConfiguration) {
    cfg = Configuration(
      layers: configuration.layers, heads: configuration.heads, width: configuration.dModel,
      isParallel: configuration.architecture.arrangement == .parallel)
    var nodes = ["input": Entry(), "logits": Entry()]
    for component in Component.all(of: configuration) { nodes[Self.name(component)] = Entry() }
    self.nodes = nodes
    edges = Dictionary(
      uniqueKeysWithValues: rows.map {
        (
          "\(Self.name($0.edge.writer))->\(Self.name($0.edge.reader))",
          Entry(score: $0.scores[score].map { -$0.mean })
        )
      })
  }

  private static func name(layer: Int, head: Int?) -> String {
    head.map { "a\(layer).h\($0)" } ?? "m\(layer)"
  }

  private static func name(_ component: Component) -> String {
    name(layer: component.layer, head: component.head)
  }

  private static func name(_ writer: Edge.Writer) -> String {
    switch writer {
    case .embedding: "input"
    case .component(let component): name(component)
    }
  }

  /// A reader: `a2.h3<q>`, `m2` or `logits`.
  private static func name(_ reader: Edge.Reader) -> String {
    switch reader {
    case .logits: "logits"
    case .input(let component, .query): "\(name(component))<q>"
    case .input(let component, .key): "\(name(component))<k>"
    case .input(let component, .value): "\(name(component))<v>"
    case .input(let component, .mlp): name(component)
    }
  }
}
