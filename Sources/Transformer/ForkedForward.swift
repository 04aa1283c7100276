import Compute
import Tasks

/// One pass over a batch under many single replacements. All variants share every row below the place they
/// touch: the clean lane is computed once, and a lane is forked from it where a replacement first matters. Twenty
/// ablations of a four-block model cost about eleven forwards instead of twenty.
///
/// Bit for bit what a forward under each replacement alone gives.
public struct ForkedForward {
  /// What sets a lane apart from the clean one.
  public struct Fork: Sendable {
    /// `.z`, `.attentionOut` or `.mlpOut`
    public var point: HookPoint
    public var columns: Range<Int>
    /// First element of the replacing vector among the constants; nil for zeros.
    public var source: Int?

    public init(point: HookPoint, columns: Range<Int>, source: Int?) {
      self.point = point
      self.columns = columns
      self.source = source
    }
  }

  public let transformer: Transformer
  /// In the order of the forward pass.
  public let forks: [Fork]
  /// float32: what the forks' sources count in.
  public let constants: any Buffer

  /// - Throws: `ModelError.batch` for forks out of the forward's order, or at another hook.
  public init(_ transformer: Transformer, _ forks: [Fork], constants: any Buffer) throws {
    let places = forks.map(\.point.forkPlace)
    guard !places.contains(nil), zip(places, places.dropFirst()).allSatisfy({ ($0 ?? 0) <= ($1 ?? 0) })
    else { throw ModelError.batch("forks must be at z, attention or MLP outputs, in the forward's order") }
    self.transformer = transformer
    self.forks = forks
    self.constants = constants
  }

  /// Whether each sequence's targets are all predicted: [1 + forks][sequences], the clean lane first.
  ///
  /// - Parameter rowLimit: rows at a time in the widest part; sequences are streamed through.
  public func exactMatches(_ sequences: [TokenSequence], rowLimit: Int = 4096) throws -> [[Bool]] {
    let lanes = forks.count + 1
    var results = [[Bool]](repeating: [], count: lanes)
    var first = 0
    while first < sequences.count {
      var (count, rows) = (0, 0)
      while first + count < sequences.count {
        let more = sequences[first + count].tokens.count
        if count > 0, (rows + more) * lanes > rowLimit { break }
        rows += more
        count += 1
      }
      let pass = try ForkedPass(self, Array(sequences[first..<first + count]))
      for (lane, matches) in try pass.run().enumerated() { results[lane] += matches }
      first += count
    }
    return results
  }
}

/// One batch of a forked forward. Lanes lie one after the other, the clean one first; new ones go behind.
private struct ForkedPass {
  let forked: ForkedForward
  let transformer: Transformer
  let activations: Activations
  let lanes: LaneStack

  init(_ forked: ForkedForward, _ sequences: [TokenSequence]) throws {
    self.forked = forked
    transformer = forked.transformer
    lanes = try LaneStack(sequences, transformer.configuration, on: transformer.device)
    activations = try transformer.activations(
      rows: lanes.clean.rows.extent * (forked.forks.count + 1), keepsBlocks: false)
  }

  func run() throws -> [[Bool]] {
    var count = 1
    var pass = ForwardPass(
      transformer: transformer, activations: activations, batch: lanes.clean, hooks: .none)
    try pass.embed()
    let layers = transformer.configuration.layers
    for layer in 0..<layers {
      pass.batch = try lanes.batch(count)
      try pass.attentionHeads(layer)
      count = try forkHeads(layer, count)
      pass.batch = try lanes.batch(count)
      try pass.attentionProjection(layer)
      count = try forkAttentionOutputs(layer, count)
      pass.batch = try lanes.batch(count)
      try pass.feedForward(layer)
      count = try forkMLPs(layer, count)
    }
    pass.batch = try lanes.batch(count)
    try pass.unembed(logitsGradient: nil)
    let correct = try transformer.readCorrect(pass.batch)
    return pass.batch.sequenceOutputRows.map { $0.map { rows in rows.allSatisfy { correct[$0] } } }
  }

  private func forks(_ point: HookPoint) -> [ForkedForward.Fork] {
    forked.forks.filter { $0.point == point }
  }

  /// New lanes get the clean lane's z, with a slice replaced, and its residual stream.
  private func forkHeads(_ layer: Int, _ count: Int) throws -> Int {
    let rows = lanes.rows(afterHeadsOf: layer)
    let block = activations.blocks[layer]
    let residual = lanes.narrows(layer) ? activations.residPreOutput : block.residPre
    var next = count
    for fork in forks(.z(layer)) {
      try copyClean(block.z, to: next, rows: rows)
      try copyClean(residual, to: next, rows: rows)
      try replace(fork, in: block.z, lane: next, rows: rows)
      next += 1
    }
    return next
  }

  /// The clean lane's attention output, alone, with a slice replaced, goes onto its residual stream.
  private func forkAttentionOutputs(_ layer: Int, _ count: Int) throws -> Int {
    let new = forks(.attentionOut(layer))
    guard !new.isEmpty else { return count }
    let rows = lanes.rows(afterHeadsOf: layer)
    let block = activations.blocks[layer]
    let residual = lanes.narrows(layer) ? activations.residPreOutput : block.residPre
    let tensors = transformer.layout.blocks[layer]
    try transformer.device.matmul(
      Matmul(
        input: block.z, weight: transformer.parameter(tensors.outputWeight),
        bias: transformer.parameter(tensors.outputBias), output: activations.branch,
        rows: try RowGroups(rows: rows)))
    for (i, fork) in new.enumerated() {
      try copyClean(activations.branch, to: count + i, rows: rows)
      try replace(fork, in: activations.branch, lane: count + i, rows: rows)
      try addClean(residual, to: activations.branch, lane: count + i, into: block.residMid, rows: rows)
    }
    return count + new.count
  }

  /// The replaced MLP output goes onto the clean lane's residual stream.
  private func forkMLPs(_ layer: Int, _ count: Int) throws -> Int {
    let rows = lanes.rows(afterHeadsOf: layer)
    let output = activations.output(ofBlock: layer)
    var next = count
    for fork in forks(.mlpOut(layer)) {
      try replace(fork, in: activations.branch, lane: next, rows: rows)
      try addClean(
        activations.blocks[layer].residMid, to: activations.branch, lane: next, into: output, rows: rows)
      next += 1
    }
    return next
  }

  private func copyClean(_ matrix: Matrix, to lane: Int, rows: Int) throws {
    let count = rows * matrix.columns
    try transformer.device.copy(from: matrix.buffer, 0..<count, to: matrix.buffer, at: lane * count)
  }

  private func replace(_ fork: ForkedForward.Fork, in matrix: Matrix, lane: Int, rows: Int) throws {
    try transformer.device.replaceRows(
      ReplaceRows(
        target: matrix, source: forked.constants,
        replacements: [
          Replacement(
            rows: lane * rows..<(lane + 1) * rows, columns: fork.columns, sourceOffset: fork.source)
        ]))
  }

  /// `output[lane] = branch[lane] + residual[clean]`
  private func addClean(
    _ residual: Matrix, to branch: Matrix, lane: Int, into output: Matrix, rows: Int
  ) throws {
    try transformer.device.add(
      Add(
        left: branch.from(row: lane * rows), right: residual, output: output.from(row: lane * rows),
        count: rows))
  }
}

/// The same sequences in one lane, or side by side in several.
private final class LaneStack {
  let clean: Batch
  private let sequences: [TokenSequence]
  private let configuration: ModelConfiguration
  private let device: any Device
  private var batches: [Int: Batch] = [:]

  init(_ sequences: [TokenSequence], _ configuration: ModelConfiguration, on device: any Device) throws {
    clean = try Batch(sequences, .live, for: configuration, on: device)
    self.sequences = sequences
    self.configuration = configuration
    self.device = device
    batches[1] = clean
  }

  func batch(_ lanes: Int) throws -> Batch {
    if let batch = batches[lanes] { return batch }
    let batch = try Batch(
      [Lane](repeating: Lane(sequences: sequences), count: lanes), .live, for: configuration, on: device)
    batches[lanes] = batch
    return batch
  }

  func narrows(_ layer: Int) -> Bool { layer == configuration.layers - 1 }

  /// Rows a lane.
  func rows(afterHeadsOf layer: Int) -> Int {
    narrows(layer) ? clean.outputRows.extent : clean.rows.extent
  }
}

extension HookPoint {
  /// Where in the forward a fork happens; nil where none can.
  fileprivate var forkPlace: Int? {
    switch self {
    case .z(let layer): 3 * layer
    case .attentionOut(let layer): 3 * layer + 1
    case .mlpOut(let layer): 3 * layer + 2
    default: nil
    }
  }
}

extension Matrix {
  fileprivate func from(row: Int) -> Matrix {
    Matrix(buffer, columns: columns, offset: offset + row * stride, stride: stride)
  }
}
