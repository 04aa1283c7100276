import Compute
import Tasks
import Transformer

/// A model in which only some edges carry what they carry in the clean run; every other edge carries what its writer writes in the
/// corrupted run. So a reader reads the corrupted run's stream with, for every edge that is kept, the writer's own output, which
/// may itself have been changed, in place of the corrupted one (A. Mueller et al., arXiv:2504.13151, section 3.2).
///
/// The batch has lanes: the corrupted run, the circuit, and a lane for each stream that differs from both. Hooks write these
/// streams, and give the circuit's lane the queries, keys, values and outputs that were computed from them.
package struct EdgeCircuit {
  private let transformer: Transformer
  private let sequences: [TokenSequence]
  private let corrupted: [TokenSequence]
  private let writers: [Edge.Writer]

  /// - Parameter corrupted: a partner for each sequence, of the same length and with targets at the same positions.
  /// - Throws: `GradientScoreError.partner`; `ImportanceError.mismatch` for a model whose branches are normalised: what one head
  ///   writes depends on the others there, and edges do not add up.
  package init(
    _ transformer: Transformer, _ sequences: [TokenSequence], corrupted: [TokenSequence]
  ) throws {
    guard !transformer.configuration.architecture.normalisesBranches else {
      throw ImportanceError.mismatch(
        "circuits of edges are not defined for a model that normalises what its branches compute")
    }
    try checkPartners([sequences], [corrupted])
    self.transformer = transformer
    self.sequences = sequences
    self.corrupted = zip(corrupted, sequences).map { $1.reading($0.tokens) }
    writers = Edge.Writer.all(of: transformer.configuration)
  }

  /// The scores of every sequence, with these edges kept. With all edges they are those of the clean run, with none those of the
  /// corrupted run, bit for bit.
  ///
  /// - Throws: what the device throws.
  package func scores(keeping edges: Set<Edge>) throws -> [TargetScore] {
    let plan = CircuitPlan(edges, writers, transformer.configuration)
    let lanes =
      [Lane(sequences: corrupted)]
      + [Lane](repeating: Lane(sequences: sequences), count: plan.laneCount - 1)
    let batch = try Batch(lanes, .live, for: transformer.configuration, on: transformer.device)
    let run = try CircuitRun(transformer, plan, writers, sequences)
    try transformer.forward(batch, hooks: run.hooks)
    return try transformer.readTargetScores(batch)[CircuitPlan.circuit]
  }
}

/// Which lane each reader reads.
private struct CircuitPlan {
  /// The lanes of the corrupted run and of the circuit.
  static let (corrupted, circuit) = (0, 1)

  /// The stream of a reader: the writers before it whose edges are kept, and the others, by index.
  struct Stream: Hashable {
    var kept: [Int]
    var others: [Int]
  }

  let streams: [Site: Stream]
  /// The lane whose stream a reader reads.
  private(set) var lanes: [Site: Int] = [:]
  private(set) var laneCount = 2

  init(_ edges: Set<Edge>, _ writers: [Edge.Writer], _ configuration: ModelConfiguration) {
    var streams: [Site: Stream] = [:]
    for reader in Edge.Reader.all(of: configuration) {
      let site = reader.site(in: configuration)
      let before = writers.indices.filter { writers[$0].site.precedes(site, in: configuration) }
      var stream = Stream(kept: [], others: [])
      for writer in before {
        if edges.contains(Edge(writers[writer], reader)) {
          stream.kept.append(writer)
        } else {
          stream.others.append(writer)
        }
      }
      streams[site] = stream
    }
    self.streams = streams
    // The lanes of one layer are used again by the next, and those of heads by the MLP after them.
    for layer in 0..<configuration.layers {
      let mlp = Site.input(.mlp(layer: layer), .mlp)
      let heads = Self.heads(configuration, layer)
      let groups =
        configuration.architecture.arrangement == .parallel ? [heads + [mlp]] : [heads, [mlp]]
      for sites in groups {
        var known: [Stream: Int] = [:]
        for site in sites {
          guard let stream = streams[site] else { continue }
          if stream.others.isEmpty {
            lanes[site] = Self.circuit
          } else if stream.kept.isEmpty {
            lanes[site] = Self.corrupted
          } else {
            lanes[site] = known[stream] ?? 2 + known.count
            known[stream] = lanes[site]
          }
        }
        laneCount = max(laneCount, 2 + known.count)
      }
    }
  }

  /// The inputs of the heads of a layer.
  static func heads(_ configuration: ModelConfiguration, _ layer: Int) -> [Site] {
    (0..<configuration.heads).flatMap { head in
      [Port.query, .key, .value].map { .input(.head(layer: layer, head: head), $0) }
    }
  }
}

/// The hooks of one forward.
private final class CircuitRun {
  private let transformer: Transformer
  private let plan: CircuitPlan
  private let places: [Site: Int]
  /// For each writer, what the circuit adds to the stream minus what the corrupted run adds: [rows of a lane, d_model].
  private var changes: [Int: Matrix] = [:]
  /// Minus these changes, and both at the rows that have targets, as far as they were asked for.
  private var made: [Form: Matrix] = [:]

  /// A form of a writer's change.
  private struct Form: Hashable {
    var writer: Int
    var isNegative: Bool
    var isNarrow: Bool
  }
  /// The rows of a lane that have targets.
  private let outputs: (indices: any Buffer, count: Int)
  private var spare: (any Buffer)?

  private var configuration: ModelConfiguration { transformer.configuration }
  private var device: any Device { transformer.device }
  private var isParallel: Bool { configuration.architecture.arrangement == .parallel }

  init(
    _ transformer: Transformer, _ plan: CircuitPlan, _ writers: [Edge.Writer], _ sequences: [TokenSequence]
  ) throws {
    self.transformer = transformer
    self.plan = plan
    places = Dictionary(uniqueKeysWithValues: writers.enumerated().map { ($1.site, $0) })
    var (rows, outputs) = (0, [Int32]())
    for sequence in sequences {
      let targets = sequence.targets.indices.filter { sequence.targets[$0] >= 0 }
      outputs += targets.map { Int32(rows + $0) }
      rows += (targets.last ?? -1) + 1
    }
    self.outputs = (try transformer.device.makeBuffer(outputs), outputs.count)
  }

  var hooks: Hooks {
    let last = configuration.layers - 1
    var points: Set<HookPoint> = [.residPost(last)]
    for layer in 0...last {
      points.formUnion([
        .residPre(layer), .query(layer), .key(layer), .value(layer), .z(layer), .mlpOut(layer),
      ])
      if !isParallel { points.insert(.residMid(layer)) }
    }
    return Hooks(points: points) { [self] point, matrix, rows in
      let count = rows.extent / plan.laneCount
      switch point {
      case .residPre(let layer): try enter(layer, matrix, count)
      case .query(let layer): try take(layer, .query, matrix, count)
      case .key(let layer): try take(layer, .key, matrix, count)
      case .value(let layer): try take(layer, .value, matrix, count)
      case .z(let layer): try noteHeads(layer, matrix, count)
      case .residMid(let layer): try write(streamsOf: [.input(.mlp(layer: layer), .mlp)], matrix, count)
      case .mlpOut(let layer): try noteMLP(layer, matrix, count)
      case .residPost: try finish(matrix, count)
      default: break
      }
    }
  }

  /// Before a block: the streams of its heads, and of its MLP in a parallel block.
  private func enter(_ layer: Int, _ matrix: Matrix, _ count: Int) throws {
    if layer == 0, let embedding = places[Edge.Writer.embedding.site] {
      changes[embedding] = try difference(matrix, count)
    }
    var sites = CircuitPlan.heads(configuration, layer)
    if isParallel { sites.append(.input(.mlp(layer: layer), .mlp)) }
    try write(streamsOf: sites, matrix, count)
  }

  /// Writes the streams that differ from those of both runs into their lanes.
  private func write(streamsOf sites: [Site], _ matrix: Matrix, _ count: Int) throws {
    var written: Set<Int> = [CircuitPlan.corrupted, CircuitPlan.circuit]
    for site in sites {
      guard let lane = plan.lanes[site], let stream = plan.streams[site], written.insert(lane).inserted else {
        continue
      }
      try write(stream, into: lane, of: matrix, count)
    }
  }

  /// The corrupted run's stream with the changes of kept edges or, if there are fewer others, the circuit's without theirs.
  private func write(_ stream: CircuitPlan.Stream, into lane: Int, of matrix: Matrix, _ count: Int) throws {
    let addsKept = stream.kept.count <= stream.others.count
    try copy(matrix, addsKept ? CircuitPlan.corrupted : CircuitPlan.circuit, to: lane, count)
    let target = matrix.from(row: lane * count)
    for writer in addsKept ? stream.kept : stream.others {
      guard let change = try change(of: writer, isNegative: !addsKept, rows: count) else { continue }
      try device.add(Add(left: target, right: change, output: target, count: count))
    }
  }

  /// Gives the circuit's lane the columns of each head that were computed from its stream.
  private func take(_ layer: Int, _ port: Port, _ matrix: Matrix, _ count: Int) throws {
    var replacements: [Replacement] = []
    for head in 0..<configuration.heads {
      let site = Site.input(.head(layer: layer, head: head), port)
      guard let lane = plan.lanes[site], lane != CircuitPlan.circuit else { continue }
      let columns = site.columns(of: configuration)
      replacements.append(
        Replacement(
          rows: CircuitPlan.circuit * count..<(CircuitPlan.circuit + 1) * count, columns: columns,
          sourceOffset: lane * count * matrix.stride + columns.lowerBound, sourceStride: matrix.stride))
    }
    guard !replacements.isEmpty else { return }
    let elements = (plan.laneCount * count - 1) * matrix.stride + matrix.columns
    let source = try room(elements)
    try device.copy(from: matrix.buffer, matrix.offset..<matrix.offset + elements, to: source, at: 0)
    try device.replaceRows(ReplaceRows(target: matrix, source: source, replacements: replacements))
  }

  private func noteHeads(_ layer: Int, _ matrix: Matrix, _ count: Int) throws {
    let change = try difference(matrix, count)
    for head in 0..<configuration.heads {
      let site = Site.output(.head(layer: layer, head: head))
      guard let place = places[site] else { continue }
      let columns = site.columns(of: configuration)
      changes[place] = try transformer.streamChange(
        ofHead: columns, layer: layer, by: change.columns(columns), heads: nil, rows: count)
    }
  }

  private func noteMLP(_ layer: Int, _ matrix: Matrix, _ count: Int) throws {
    if let lane = plan.lanes[.input(.mlp(layer: layer), .mlp)], lane != CircuitPlan.circuit {
      try copy(matrix, lane, to: CircuitPlan.circuit, count)
    }
    if let place = places[.output(.mlp(layer: layer))] { changes[place] = try difference(matrix, count) }
  }

  /// After the last block: what the final norm reads.
  private func finish(_ matrix: Matrix, _ count: Int) throws {
    guard let stream = plan.streams[.residual(configuration.layers)], !stream.others.isEmpty else { return }
    try write(stream, into: CircuitPlan.circuit, of: matrix, count)
  }

  /// The change of a writer, or minus it, at all rows of a lane, or at those that have targets if there are as many rows.
  private func change(of writer: Int, isNegative: Bool, rows count: Int) throws -> Matrix? {
    guard let all = changes[writer] else { return nil }
    let isNarrow = all.buffer.count / all.columns != count
    guard isNegative || isNarrow else { return all }
    let form = Form(writer: writer, isNegative: isNegative, isNarrow: isNarrow)
    if let found = made[form] { return found }
    let new = try makeMatrix(count, all.columns)
    if isNegative {
      guard let change = try change(of: writer, isNegative: false, rows: count) else { return nil }
      try device.scale(Scale(input: change, factor: -1, output: new, count: count))
    } else {
      try device.gatherRows(
        GatherRows(input: all, indices: outputs.indices, output: new, count: outputs.count))
    }
    made[form] = new
    return new
  }

  /// The circuit's lane minus the corrupted run's, in a buffer of its own.
  private func difference(_ matrix: Matrix, _ count: Int) throws -> Matrix {
    let made = try makeMatrix(count, matrix.columns)
    try device.subtract(
      matrix.from(row: CircuitPlan.corrupted * count), from: matrix.from(row: CircuitPlan.circuit * count),
      into: made, count: count)
    return made
  }

  private func copy(_ matrix: Matrix, _ lane: Int, to other: Int, _ count: Int) throws {
    guard lane != other else { return }
    let size = count * matrix.columns
    try device.copy(
      from: matrix.buffer, matrix.offset + lane * size..<matrix.offset + (lane + 1) * size, to: matrix.buffer,
      at: matrix.offset + other * size)
  }

  private func makeMatrix(_ rows: Int, _ columns: Int) throws -> Matrix {
    Matrix(try device.makeBuffer(count: max(rows, 1) * columns), columns: columns)
  }

  private func room(_ count: Int) throws -> any Buffer {
    if let spare, spare.count >= count { return spare }
    let made = try device.makeBuffer(count: count)
    spare = made
    return made
  }
}
