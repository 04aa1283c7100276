import Tasks

/// How samples and interventions are divided among the passes of a forked forward.
struct PassPlan {
  let order: ForwardOrder
  let selection: RowSelection
  /// The number of rows at the widest place of a pass. A single sequence may exceed it.
  let rowLimit: Int
  /// The number of rows with logits in a pass: as many as take 128 MiB. A single sequence may exceed it.
  let outputLimit: Int

  init(_ configuration: ModelConfiguration, _ selection: RowSelection, rowLimit: Int) {
    order = ForwardOrder(configuration.blocks)
    self.selection = selection
    self.rowLimit = rowLimit
    outputLimit = (1 << 25) / max(configuration.vocabulary, 1)
  }

  /// The smallest number of rows of a run in a pass, so that the matrix products of its shared beginning are large enough. More
  /// would leave room for fewer interventions, and the beginning would be computed for each of more passes.
  private static let fewestRows = 32

  /// The tree of a pass over some interventions. The clean run comes last; it shares its slot with an equal intervention.
  func tree(_ interventions: [Intervention], _ samples: ForkedForward.Samples) -> ForkTree {
    let clean: [Intervention] = samples.measuresDivergence ? [.none] : []
    return ForkTree(interventions + clean, order)
  }

  /// The samples of each pass of a tree.
  func pieces(_ tree: ForkTree, _ samples: ForkedForward.Samples) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var first = 0
    while first < samples.sequences.count {
      var (count, all, output) = (0, 0, 0)
      for sequence in samples.sequences[first...] {
        all += sequence.tokens.count
        output += selection.outputs(of: sequence)
        if count > 0,
          tree.rows(all: all, output: output) > rowLimit || tree.finalCount * output > outputLimit
        {
          break
        }
        count += 1
      }
      pieces.append(first..<first + count)
      first += count
    }
    return pieces
  }

  /// The interventions of each pass. Neighbours in the order of their patches share most, so each pass takes
  /// neighbours.
  func groups(_ interventions: [Intervention], _ samples: ForkedForward.Samples) -> [[Int]] {
    guard !samples.sequences.isEmpty, !interventions.isEmpty else { return [] }
    let ranks = ranks(of: interventions)
    let keys = interventions.map { [$0.run] + $0.patches.compactMap { ranks[$0] }.sorted() }
    let order = interventions.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
    let tree = ForkTree(interventions, self.order)
    let (tokens, targets) = extent(samples.sequences)
    // A pass has at least one sequence, whole.
    let longest = samples.sequences.map(\.tokens.count).max() ?? 0
    let run = min(tokens, max(Self.fewestRows, longest))
    let all = max(tokens, 1)
    let rows = (tree.rows(all: tokens, output: targets) * run + all - 1) / all
    let outputRows = samples.sequences.map(selection.outputs).max() ?? 0
    // Every pass has the rows of all runs, and at least as many beside them: with less it would mostly repeat the runs.
    func count(_ rows: Int, ofRun run: Int, limit: Int) -> Int {
      let runs = tree.runs.count * run
      return (rows - runs - 1) / max(limit - runs, runs, 1) + 1
    }
    let needed = max(
      count(rows, ofRun: run, limit: rowLimit),
      count(tree.finalCount * outputRows, ofRun: outputRows, limit: outputLimit))
    let passes = max(1, min(interventions.count, needed))
    return (0..<passes).map { pass in
      Array(order[pass * order.count / passes..<(pass + 1) * order.count / passes])
    }
  }

  /// The most rows at any place of any pass, and the most with logits.
  func widest(
    _ interventions: [Intervention], _ samples: ForkedForward.Samples
  ) -> (rows: Int, outputRows: Int) {
    var (rows, outputRows) = (0, 0)
    for group in groups(interventions, samples) {
      let tree = tree(group.map { interventions[$0] }, samples)
      for piece in pieces(tree, samples) {
        let (all, output) = extent(samples.sequences[piece])
        rows = max(rows, tree.rows(all: all, output: output))
        outputRows = max(outputRows, tree.finalCount * output)
      }
    }
    return (rows, outputRows)
  }

  /// The rows of sequences: all of them, and those with logits.
  private func extent(_ sequences: some Sequence<TokenSequence>) -> (all: Int, output: Int) {
    sequences.reduce((0, 0)) { ($0.0 + $1.tokens.count, $0.1 + selection.outputs(of: $1)) }
  }

  /// The place of each patch in the order of the forward; patches at the same place keep the order in which
  /// they appear.
  private func ranks(of interventions: [Intervention]) -> [Patch: Int] {
    var met: [Patch: Int] = [:]
    var places: [(place: ForkPlace, patch: Patch)] = []
    for patch in interventions.lazy.flatMap(\.patches) where met[patch] == nil {
      met[patch] = places.count
      places.append((patch.site.forkPlace, patch))
    }
    let order = places.indices.sorted { (places[$0].place, $0) < (places[$1].place, $1) }
    return Dictionary(uniqueKeysWithValues: order.enumerated().map { (places[$1].patch, $0) })
  }
}

extension RowSelection {
  /// The number of rows of a sequence that have logits.
  fileprivate func outputs(of sequence: TokenSequence) -> Int {
    self == .all ? sequence.tokens.count : sequence.targets.count { $0 >= 0 }
  }
}
