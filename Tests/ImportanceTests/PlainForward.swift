import Compute
import Importance
import RandomStreams
import Tasks
import Transformer

/// A forward over one batch under one intervention, with hooks written only for tests. Forked forwards must
/// give the same results.
extension Transformer {
  func plainScores(_ samples: CausalSamples, _ intervention: Intervention) throws -> [TargetScore] {
    let runs = try [samples.sequences.map(\.tokens), samples.corrupted, samples.donors].map { run in
      try Batch(
        zip(run, samples.sequences).map { TokenSequence(tokens: $0, targets: $1.targets) },
        for: configuration, on: device)
    }
    let batch = runs[intervention.run]
    try forward(batch, hooks: try plainHooks(intervention, runs))
    return try readTargetScores(batch, foils: try Batch.foilRows(samples.sequences, samples.foils))[0]
  }

  /// Hooks that carry out an intervention in a batch of one lane. Rows of other runs are kept from earlier
  /// forwards over them.
  ///
  /// - Parameter runs: batches of one shape, by run.
  func plainHooks(_ intervention: Intervention, _ runs: [Batch]) throws -> Hooks {
    var hooks = Hooks.none
    for patch in intervention.patches {
      let (device, columns) = (device, patch.site.columns(of: configuration))
      var (source, offset, stride): ((any Buffer), Int?, Int) = (try device.makeBuffer(count: 1), nil, 0)
      switch patch.value {
      case .zero: break
      case .constant(let vector): (source, offset) = (try device.makeBuffer(vector.map(Float.init)), 0)
      case .run(let run):
        let kept = try keeping(patch.site.hook, runs[run])
        (source, offset, stride) = (kept.buffer, columns.lowerBound, kept.stride)
      case .difference:
        if case .input = patch.site {
          let kept = try keeping(patch.site.hook, runs[intervention.run], adding: patch, runs)
          (source, offset, stride) = (kept.buffer, columns.lowerBound, kept.stride)
        } else {
          hooks = hooks.then(try addition(of: patch, runs))
          continue
        }
      }
      hooks = hooks.then(
        Hooks(points: [patch.site.hook]) { _, matrix, rows in
          let block = Replacement(
            rows: 0..<rows.extent, columns: columns, sourceOffset: offset, sourceStride: stride)
          try device.replaceRows(ReplaceRows(target: matrix, source: source, replacements: [block]))
        })
    }
    return hooks
  }

  /// Hooks that add the difference of a patch to every row of the stream.
  private func addition(of patch: Patch, _ runs: [Batch]) throws -> Hooks {
    guard case .difference(let writer, .run(let from), .run(let to)) = patch.value else { return .none }
    let (device, width) = (device, configuration.dModel)
    let (before, after) = (try keeping(writer.hook, runs[from]), try keeping(writer.hook, runs[to]))
    let (one, other) = (try device.read(before.buffer), try device.read(after.buffer))
    var change = Matrix(try device.makeBuffer(zip(other, one).map { $0 - $1 }), columns: before.columns)
    let count = one.count / before.columns
    if case .output(.head(let layer, _)) = writer {
      let columns = writer.columns(of: configuration)
      let all = try values(of: layout.blocks[layer].attention.output.weight).map(Float.init)
      let weight = try device.makeBuffer(
        Array(all[columns.lowerBound * width..<columns.upperBound * width]))
      let output = Matrix(try device.makeBuffer(count: count * width), columns: width)
      try device.matmul(
        Matmul(
          input: change.columns(columns), weight: Parameter(weight, rows: columns.count, columns: width),
          output: output, rows: RowGroups(rows: count)))
      change = output
    }
    // The stream of an input is that of its block.
    let point: HookPoint =
      switch patch.site {
      case .input(.head(let layer, _), _): .residPre(layer)
      case .input(.mlp(let layer), _): .residMid(layer)
      default: patch.site.hook
      }
    return Hooks(points: [point]) { _, matrix, rows in
      try device.add(Add(left: matrix, right: change, output: matrix, count: rows.extent))
    }
  }

  /// A copy of the forward's values at a hook.
  ///
  /// - Parameter patch: a patch whose difference is added to the stream; nil for none.
  private func keeping(
    _ point: HookPoint, _ batch: Batch, adding patch: Patch? = nil, _ runs: [Batch] = []
  ) throws -> Matrix {
    let device = device
    var kept = Matrix(try device.makeBuffer(count: 1), columns: 1)
    let hooks = try patch.map { try addition(of: $0, runs) } ?? .none
    try forward(
      batch,
      hooks: hooks.then(
        Hooks(points: [point]) { _, matrix, rows in
          let count = rows.extent * matrix.columns
          kept = Matrix(try device.makeBuffer(count: count), columns: matrix.columns)
          let whole = Replacement(
            rows: 0..<rows.extent, columns: 0..<matrix.columns, sourceOffset: 0, sourceStride: matrix.stride)
          let spare = try device.makeBuffer(count: rows.extent * matrix.stride)
          let end = matrix.offset + (rows.extent - 1) * matrix.stride + matrix.columns
          try device.copy(from: matrix.buffer, matrix.offset..<end, to: spare, at: 0)
          try device.replaceRows(ReplaceRows(target: kept, source: spare, replacements: [whole]))
        }))
    return kept
  }
}

extension Examples {
  static func causalSamples(
    _ count: Int, _ length: ClosedRange<Int>, seed: UInt64, task: IntegerTask = .sort
  ) throws -> CausalSamples {
    var stream = CounterStream(seed: seed, purpose: .evaluation)
    let pairs = try task.corruptedPairs(count, length: length, from: &stream)
    var draws = CounterStream(seed: seed, purpose: .resample)
    return CausalSamples(pairs, from: &draws)
  }
}
