import Compute
import Tasks

/// One pass over samples under many interventions. Variants share every row below the first place in which they
/// differ: a tree that starts as one slot a run and splits where edits do. Twenty single ablations of a four-block
/// model cost about ten forwards, all 190 pairs about seventy.
///
/// Bit for bit what a forward under each variant's edits alone gives.
package struct ForkedForward {
  /// Where an edit's values come from.
  package enum Source: Hashable, Sendable {
    case zeros
    /// One vector for every row, its first element among the constants.
    case constant(Int)
    /// The same rows and columns of another run, which nothing edits.
    case run(Int)

    var run: Int? { if case .run(let run) = self { run } else { nil } }
  }

  /// Columns to overwrite at a hook, in every row.
  package struct Edit: Hashable, Sendable {
    /// `.z`, `.attentionOut` or `.mlpOut`
    package var point: HookPoint
    /// All of them at an MLP's output.
    package var columns: Range<Int>
    package var source: Source

    package init(point: HookPoint, columns: Range<Int>, source: Source) {
      self.point = point
      self.columns = columns
      self.source = source
    }
  }

  /// A run, and what is overwritten in it.
  package struct Variant: Hashable, Sendable {
    package var run: Int
    /// Those at one hook don't overlap.
    package var edits: [Edit]

    package init(run: Int = 0, edits: [Edit] = []) {
      self.run = run
      self.edits = edits
    }
  }

  /// Samples, and other runs over the same rows.
  package struct Samples: Sendable {
    /// Run 0. Every run is judged on these targets.
    package var sequences: [TokenSequence]
    /// Runs 1, 2, …: by run and sequence, as many tokens as the sequence has.
    package var otherRuns: [[[Int32]]]
    /// By sequence and position: a wrong answer to hold the target against.
    package var foils: [[Int32]]?

    package init(_ sequences: [TokenSequence], otherRuns: [[[Int32]]] = [], foils: [[Int32]]? = nil) {
      self.sequences = sequences
      self.otherRuns = otherRuns
      self.foils = foils
    }
  }

  /// Sequences a pass should have at least, so that its shared beginning is worth a matrix product.
  private static let fewestSequences = 4
  /// Rows at a time in the widest part, where not asked otherwise.
  package static let defaultRowLimit = 4096

  package let transformer: Transformer
  /// float32: what constant sources count in.
  package let constants: any Buffer

  package init(_ transformer: Transformer, constants: any Buffer) {
    self.transformer = transformer
    self.constants = constants
  }

  /// Scores of every sequence under every variant: [variants][sequences]. Equal variants are computed once.
  ///
  /// - Parameter rowLimit: rows at a time in the widest part: sequences are streamed through, and variants are
  ///   split among passes where they are many. Exceeded where a single sequence needs more.
  /// - Throws: `ModelError.batch` for edits at other hooks, outside their columns or that overlap, for runs there
  ///   aren't, and for runs of other lengths.
  package func scores(
    _ samples: Samples, _ variants: [Variant], rowLimit: Int = defaultRowLimit
  ) throws -> [[TargetScore]] {
    try check(samples)
    let variants = try variants.map { try ordered($0, runs: samples.otherRuns.count + 1) }
    var results = [[TargetScore]](repeating: [], count: variants.count)
    for group in groups(variants, samples, rowLimit: rowLimit) {
      let tree = ForkTree(group.map { variants[$0] }, layers: transformer.configuration.layers)
      let lanes = LaneBatches(transformer)
      var first = 0
      while first < samples.sequences.count {
        var (count, all, output) = (0, 0, 0)
        for sequence in samples.sequences[first...] {
          all += sequence.tokens.count
          output += sequence.targets.count { $0 >= 0 }
          if count > 0, tree.rows(all: all, output: output) > rowLimit { break }
          count += 1
        }
        let pass = try ForkedPass(self, tree, samples[first..<first + count], lanes)
        for (variant, scores) in zip(group, try pass.run()) { results[variant] += scores }
        first += count
      }
    }
    return results
  }

  /// Variants by pass. Neighbours in the order of their edits share most, so runs of this order stay together.
  private func groups(_ variants: [Variant], _ samples: Samples, rowLimit: Int) -> [[Int]] {
    guard !samples.sequences.isEmpty, !variants.isEmpty else { return [] }
    let keys = variants.map { [$0.run] + $0.edits.flatMap(\.key) }
    let order = variants.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
    let tree = ForkTree(variants, layers: transformer.configuration.layers)
    let tokens = samples.sequences.reduce(0) { $0 + $1.tokens.count }
    let targets = samples.sequences.reduce(0) { $0 + $1.targets.count { $0 >= 0 } }
    let sequences = min(Self.fewestSequences, samples.sequences.count)
    let rows = tree.rows(all: tokens, output: targets) * sequences / samples.sequences.count
    let passes = max(1, min(variants.count, (rows - 1) / max(rowLimit, 1) + 1))
    return (0..<passes).map { pass in
      Array(order[pass * order.count / passes..<(pass + 1) * order.count / passes])
    }
  }

  private func check(_ samples: Samples) throws {
    for run in samples.otherRuns {
      guard run.count == samples.sequences.count,
        zip(run, samples.sequences).allSatisfy({ $0.count == $1.tokens.count })
      else { throw ModelError.batch("every run has as many sequences, and of the same lengths") }
    }
    if let foils = samples.foils { _ = try Batch.foilRows(samples.sequences, foils) }
  }

  /// The variant with its edits in the forward's order.
  private func ordered(_ variant: Variant, runs: Int) throws -> Variant {
    let (layers, width) = (transformer.configuration.layers, transformer.configuration.dModel)
    var edits = variant.edits
    for edit in edits {
      guard let place = edit.point.forkPlace, (0..<3 * layers).contains(place) else {
        throw ModelError.batch("edits must be at z, attention or MLP outputs, not at \(edit.point.name)")
      }
      let whole = 0..<width
      guard whole.contains(edit.columns), !edit.columns.isEmpty,
        place % 3 != 2 || edit.columns == whole
      else { throw ModelError.batch("an edit of columns \(edit.columns) at \(edit.point.name)") }
      guard (0..<runs).contains(edit.source.run ?? 0) else {
        throw ModelError.batch("an edit from run \(edit.source.run ?? 0) of \(runs)")
      }
    }
    guard (0..<runs).contains(variant.run) else { throw ModelError.batch("run \(variant.run) of \(runs)") }
    edits.sort { $0.key.lexicographicallyPrecedes($1.key) }
    for (one, next) in zip(edits, edits.dropFirst()) where one.point == next.point {
      guard one.columns.upperBound <= next.columns.lowerBound else {
        throw ModelError.batch("two edits overlap at \(one.point.name)")
      }
    }
    return Variant(run: variant.run, edits: edits)
  }
}

extension ForkedForward.Samples {
  subscript(range: Range<Int>) -> ForkedForward.Samples {
    ForkedForward.Samples(
      Array(sequences[range]), otherRuns: otherRuns.map { Array($0[range]) },
      foils: foils.map { Array($0[range]) })
  }

  /// A run's sequences, with the targets every run is judged on.
  func sequences(ofRun run: Int) -> [TokenSequence] {
    guard run > 0 else { return sequences }
    return zip(otherRuns[run - 1], sequences).map { TokenSequence(tokens: $0, targets: $1.targets) }
  }
}

extension ForkedForward.Edit {
  /// Orders edits as the forward comes to them.
  var key: [Int] {
    let origin: [Int] =
      switch source {
      case .zeros: [0, 0]
      case .constant(let offset): [1, offset]
      case .run(let run): [2, run]
      }
    return [point.forkPlace ?? 0, columns.lowerBound, columns.upperBound] + origin
  }
}

extension HookPoint {
  /// Where in the forward a fork happens; nil where none can.
  var forkPlace: Int? {
    switch self {
    case .z(let layer): 3 * layer
    case .attentionOut(let layer): 3 * layer + 1
    case .mlpOut(let layer): 3 * layer + 2
    default: nil
    }
  }
}
