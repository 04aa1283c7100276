import Transformer

/// A direct path from a writer to a reader of the residual stream, past everything between them. The writer
/// is a part of the model that adds to the stream; the reader is one that reads it.
package struct Edge: Hashable, Sendable {
  package var writer: Writer
  package var reader: Reader

  package init(_ writer: Writer, _ reader: Reader) {
    self.writer = writer
    self.reader = reader
  }

  package enum Writer: Hashable, Sendable {
    /// The embedding of tokens and, if they are learned, of positions.
    case embedding
    case component(Component)
  }

  package enum Reader: Hashable, Sendable {
    case input(Component, Port)
    /// The logits, which read the stream through the final norm.
    case logits
  }

  /// The name of the edge, such as `L0_H1>L2_H3.q`, `embed>L0_MLP` or `L3_MLP>logits`.
  package var name: String { "\(writer.name)>\(reader.name)" }

  /// Whether the writer comes before the reader.
  package func exists(in configuration: ModelConfiguration) -> Bool {
    writer.site.precedes(reader.site(in: configuration), in: configuration)
  }

  /// Every edge of a model, by writer.
  package static func all(of configuration: ModelConfiguration) -> [Edge] {
    Writer.all(of: configuration).flatMap { writer in
      Reader.all(of: configuration).map { Edge(writer, $0) }.filter { $0.exists(in: configuration) }
    }
  }
}

extension Edge.Writer {
  package var name: String {
    switch self {
    case .embedding: "embed"
    case .component(let component): component.name
    }
  }

  package var site: Site {
    switch self {
    case .embedding: .residual(0)
    case .component(let component): .output(component)
    }
  }

  /// All writers of a model, in the order of the forward.
  package static func all(of configuration: ModelConfiguration) -> [Edge.Writer] {
    [.embedding] + Component.all(of: configuration).map { .component($0) }
  }
}

extension Edge.Reader {
  /// The name of the reader: `L2_H3.q`, `L2_MLP` or `logits`.
  package var name: String {
    switch self {
    case .input(let component, .mlp): component.name
    case .input(let component, let port): "\(component.name).\(port.rawValue)"
    case .logits: "logits"
    }
  }

  package func site(in configuration: ModelConfiguration) -> Site {
    switch self {
    case .input(let component, let port): .input(component, port)
    case .logits: .residual(configuration.layers)
    }
  }

  /// All readers of a model, in the order of the forward; for each head its query, key and value.
  package static func all(of configuration: ModelConfiguration) -> [Edge.Reader] {
    Component.all(of: configuration).flatMap { component -> [Edge.Reader] in
      guard component.head != nil else { return [.input(component, .mlp)] }
      return [Port.query, .key, .value].map { .input(component, $0) }
    } + [.logits]
  }
}

extension Edge {
  /// The edge with the given name.
  ///
  /// - Throws: `ImportanceError.unknownEdge`, which says why the name is invalid.
  package init(named name: String, in configuration: ModelConfiguration) throws {
    let parts = name.split(separator: ">", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw ImportanceError.unknownEdge(name, "an edge is WRITER>READER, as in L0_H1>L2_H3.q")
    }
    guard let writer = Writer.all(of: configuration).first(where: { $0.name == parts[0] }) else {
      throw ImportanceError.unknownEdge(
        name, "'\(parts[0])' writes nothing; writers are embed and \(Component.range(configuration))")
    }
    guard let reader = Reader.all(of: configuration).first(where: { $0.name == parts[1] }) else {
      throw ImportanceError.unknownEdge(
        name,
        "'\(parts[1])' reads nothing; readers are heads' .q, .k and .v, MLPs and logits of \(Component.range(configuration))"
      )
    }
    self.init(writer, reader)
    guard exists(in: configuration) else {
      throw ImportanceError.unknownEdge(name, "\(writer.name) does not come before \(reader.name)")
    }
  }
}

extension Component {
  /// The ranges of a model's layers and heads, for a message.
  static func range(_ configuration: ModelConfiguration) -> String {
    let last = configuration.layers - 1
    return "L0_H0 … L\(last)_H\(configuration.heads - 1) and L0_MLP … L\(last)_MLP"
  }
}
