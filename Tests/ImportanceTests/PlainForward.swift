import Compute
import Importance
import RandomStreams
import Tasks
import Transformer

/// A forward over one batch under one intervention, by hooks written for the tests alone: what forked forwards have to
/// equal.
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

  /// Hooks that do an intervention in a batch of one lane. Rows of other runs are kept from forwards over them before.
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

  /// A copy of what a forward has at a hook.
  private func keeping(_ point: HookPoint, _ batch: Batch) throws -> Matrix {
    let device = device
    var kept = Matrix(try device.makeBuffer(count: 1), columns: 1)
    try forward(
      batch,
      hooks: Hooks(points: [point]) { _, matrix, rows in
        let count = rows.extent * matrix.columns
        kept = Matrix(try device.makeBuffer(count: count), columns: matrix.columns)
        try device.copy(from: matrix.buffer, matrix.offset..<matrix.offset + count, to: kept.buffer, at: 0)
      })
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
