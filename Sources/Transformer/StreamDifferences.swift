import Compute

/// Changes of what sites write to the residual stream between two values: the edges of a forked pass. They
/// are computed when the forward reaches the sites and kept until it ends.
final class StreamDifferences {
  private let transformer: Transformer
  private let constants: ConstantVectors
  private let wanted: [Patch.Value]
  /// [rows, d_model]
  private var known: [Patch.Value: Matrix] = [:]
  private var narrowed: [Patch.Value: Matrix] = [:]

  private var device: any Device { transformer.device }

  init(_ transformer: Transformer, _ constants: ConstantVectors, _ wanted: Set<Patch.Value>) {
    self.transformer = transformer
    self.constants = constants
    self.wanted = [Patch.Value](wanted).inOrder
  }

  /// Whether any difference has its site at a place.
  func areWanted(at place: ForkPlace) -> Bool { wanted.contains { $0.writer?.forkPlace == place } }

  /// Computes the differences of the sites at a place.
  ///
  /// - Parameters:
  ///   - matrix: the values of the sites there, one slot after another.
  ///   - rows: the number of rows of each slot.
  ///   - slot: gives the slot of a run.
  func add(at place: ForkPlace, _ matrix: Matrix, rows count: Int, slot: (Int) -> Int?) throws {
    for value in wanted {
      guard case .difference(let site, let from, let to) = value, site.forkPlace == place else { continue }
      let columns = site.columns(of: transformer.configuration)
      func values(_ value: Patch.Value) throws -> Matrix? {
        switch value {
        case .zero, .difference: return nil
        case .run(let run): return slot(run).map { matrix.from(row: $0 * count).columns(columns) }
        case .constant:
          let made = try self.matrix(count, columns.count)
          if let block = constants.replacement(value, rows: 0..<count, columns: 0..<columns.count) {
            try device.replaceRows(
              ReplaceRows(target: made, source: constants.buffer, replacements: [block]))
          }
          return made
        }
      }
      let difference = try subtract(values(from), from: values(to), count, columns.count)
      guard case .output(.head(let layer, _)) = site else {
        known[value] = difference
        continue
      }
      // A norm after the heads reads them all, as they are in the run from which this one changes.
      let heads = from.runs.first.map(slot).flatMap { $0.map { matrix.from(row: $0 * count) } }
      known[value] = try transformer.streamChange(
        ofHead: columns, layer: layer, by: difference, heads: heads, rows: count)
    }
  }

  /// The difference, [rows, d_model]; or only its rows with a target, if it has more rows than are needed.
  ///
  /// - Parameter indices: the indices of these rows; nil for all rows.
  func rows(_ value: Patch.Value, at indices: (buffer: any Buffer, count: Int)?) throws -> Matrix? {
    guard let indices, let all = known[value], all.rowCount != indices.count else { return known[value] }
    if let found = narrowed[value] { return found }
    let made = try matrix(indices.count, all.columns)
    try device.gatherRows(
      GatherRows(input: all, indices: indices.buffer, output: made, count: indices.count))
    narrowed[value] = made
    return made
  }

  private func matrix(_ rows: Int, _ columns: Int) throws -> Matrix {
    Matrix(try device.makeBuffer(count: max(rows, 1) * columns), columns: columns)
  }

  /// `left − right`, either of which may be zero.
  private func subtract(_ right: Matrix?, from left: Matrix?, _ rows: Int, _ width: Int) throws
    -> Matrix
  {
    let result = try matrix(rows, width)
    if let right, let left {
      try device.subtract(right, from: left, into: result, count: rows)
    } else if let right {
      try device.scale(Scale(input: right, factor: -1, output: result, count: rows))
    } else if let left {
      // Adding the existing zeros computes a copy.
      try device.add(Add(left: left, right: result, output: result, count: rows))
    }
    return result
  }
}

extension Matrix {
  /// The number of rows of a matrix that is alone in its buffer.
  fileprivate var rowCount: Int { buffer.count / columns }
}
