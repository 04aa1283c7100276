import Tasks

/// How samples and interventions are divided among the passes of a forked forward.
struct PassPlan {
  let order: ForwardOrder
  let selection: RowSelection
  /// The number of rows at the widest place of a pass. A single sequence may exceed it.
  let rowLimit: Int
  /// The number of rows with logits in a pass: as many as take 128 MiB. A single sequence may exceed it.
  let outputLimit: Int
  /// The memory of a key and its value, as a share of what all other matrices of a row take; nil if keys are not copied.
  private let keyShare: Double?

  init(_ configuration: ModelConfiguration, _ selection: RowSelection, rowLimit: Int) {
    order = ForwardOrder(configuration.blocks)
    self.selection = selection
    self.rowLimit = rowLimit
    outputLimit = (1 << 25) / max(configuration.vocabulary, 1)
    let row = MemoryEstimate(rowOf: configuration)
    let key = Double(8 * configuration.attentionWidth)
    keyShare = configuration.copiesSharedKeys ? (row.bytes > 0 ? key / row.bytes : 0) : nil
  }

  /// The smallest number of rows of a run in a pass, so that the matrix products of its shared beginning are large enough. More
  /// would leave room for fewer interventions, and the beginning would be computed for each of more passes.
  private static let fewestRows = 16

  /// The tree of a pass over the interventions of a group. The clean run comes last; it shares its slot with an equal
  /// intervention.
  func tree(of group: Group, _ interventions: [Intervention], _ samples: ForkedForward.Samples) -> ForkTree {
    let clean: [Intervention] = samples.measuresDivergence ? [.none] : []
    return ForkTree(
      group.members.map { interventions[$0] } + clean, order, holdsTails: group.tails != nil)
  }

  /// The samples of each pass of a tree.
  func pieces(_ tree: ForkTree, _ tails: Tails?, _ samples: ForkedForward.Samples) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var first = 0
    while first < samples.sequences.count {
      var (count, extent) = (0, PassExtent())
      for index in first..<samples.sequences.count {
        extent.add(samples.sequences[index], from: tails?.starts[index] ?? 0, selection)
        if count > 0, memoryRows(tree, extent) > rowLimit || tree.finalCount * extent.outputs > outputLimit {
          break
        }
        count += 1
      }
      pieces.append(first..<first + count)
      first += count
    }
    return pieces
  }

  /// The rows of a pass as its limit counts them: keys that are copied count by their memory, and are at most twice the limit.
  private func memoryRows(_ tree: ForkTree, _ extent: PassExtent) -> Int {
    guard let keyShare else { return tree.rows(extent) }
    let keys = tree.keyRows(extent)
    return max(
      tree.rows(extent) + Int(Double(keys) * keyShare), (keys + Self.keysPerRow - 1) / Self.keysPerRow)
  }

  /// The most keys that a pass has for each row of its limit, if they are copied.
  static let keysPerRow = 2

  /// Interventions that are computed in the same passes.
  struct Group {
    /// Their indices among all.
    var members: [Int]
    /// Set if slots hold tails.
    var tails: Tails?
  }

  /// The interventions of each pass. Those whose slots can hold tails are apart from others if that is worth it. Neighbours in
  /// the order of their runs and patches share most, so each pass takes neighbours.
  func groups(_ interventions: [Intervention], _ samples: ForkedForward.Samples) -> [Group] {
    guard !samples.sequences.isEmpty, !interventions.isEmpty else { return [] }
    let ranks = ranks(of: interventions)
    // A pass has every run that one of its interventions needs, so those that need the same runs are neighbours.
    let keys = interventions.map { intervention in
      let needed = Set([intervention.run] + intervention.patches.flatMap(\.value.runs)).sorted()
      return [needed.count] + needed + [intervention.run]
        + intervention.patches.compactMap { ranks[$0] }.sorted()
    }
    return kinds(interventions, samples).flatMap { kind in
      let order = kind.members.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
      let passes = passes(Group(members: order, tails: kind.tails), interventions, samples)
      return (0..<passes).map { pass in
        Group(
          members: Array(order[pass * order.count / passes..<(pass + 1) * order.count / passes]),
          tails: kind.tails)
      }
    }
  }

  /// All interventions, those with tails that are worth it by their runs. Runs without changes go where they are computed.
  private func kinds(_ interventions: [Intervention], _ samples: ForkedForward.Samples) -> [Group] {
    var others = Array(interventions.indices)
    var kinds: [Group] = []
    // Where every row has logits, no row can be left out.
    let exchanging =
      selection == .live ? Dictionary(grouping: others) { interventions[$0].exchangedRuns } : [:]
    for (runs, members) in exchanging.sorted(by: { $0.value[0] < $1.value[0] }) {
      guard let runs else { continue }
      let tails = Tails(of: samples.measuresDivergence ? runs.union([0]) : runs, in: samples)
      let tree = tree(of: Group(members: members, tails: tails), interventions, samples)
      guard tree.isWorthTails(extent(samples, tails)) else { continue }
      func belongs(_ index: Int) -> Bool {
        let runsHere = interventions[index].exchangedRuns
        return runsHere == runs
          || interventions[index].patches.isEmpty && runs.contains(interventions[index].run)
      }
      kinds.append(Group(members: others.filter(belongs), tails: tails))
      others.removeAll(where: belongs)
    }
    return others.isEmpty ? kinds : kinds + [Group(members: others)]
  }

  /// The number of passes into which a group is divided.
  private func passes(
    _ group: Group, _ interventions: [Intervention], _ samples: ForkedForward.Samples
  ) -> Int {
    let tree = tree(of: group, interventions, samples)
    let extent = extent(samples, group.tails)
    // A pass has at least one sequence, whole.
    let longest = samples.sequences.map(\.tokens.count).max() ?? 0
    let run = min(extent.all, max(Self.fewestRows, longest))
    let all = max(extent.all, 1)
    let rows = (memoryRows(tree, extent) * run + all - 1) / all
    let outputRows = samples.sequences.map(selection.outputs).max() ?? 0
    // A pass has at most the rows of all runs, which are counted for each, and at least as many beside them: with less it would
    // mostly repeat the runs.
    func count(_ rows: Int, ofRun run: Int, limit: Int) -> Int {
      let runs = tree.runs.count * run
      return (rows - runs - 1) / max(limit - runs, runs, 1) + 1
    }
    let needed = max(
      count(rows, ofRun: run, limit: rowLimit),
      count(tree.finalCount * outputRows, ofRun: outputRows, limit: outputLimit))
    return max(1, min(group.members.count, needed))
  }

  /// What the widest passes need.
  func capacity(_ interventions: [Intervention], _ samples: ForkedForward.Samples) -> BatchCapacity {
    var capacity = BatchCapacity()
    for group in groups(interventions, samples) {
      let tree = tree(of: group, interventions, samples)
      for piece in pieces(tree, group.tails, samples) {
        let extent = extent(samples[piece], group.tails?[piece])
        capacity = capacity.union(
          BatchCapacity(
            rows: tree.rows(extent), outputRows: tree.finalCount * extent.outputs,
            keyRows: keyShare == nil ? 0 : tree.keyRows(extent)))
      }
    }
    return capacity
  }

  private func extent(_ samples: ForkedForward.Samples, _ tails: Tails?) -> PassExtent {
    var extent = PassExtent()
    for (index, sequence) in samples.sequences.enumerated() {
      extent.add(sequence, from: tails?.starts[index] ?? 0, selection)
    }
    return extent
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

extension PassExtent {
  /// - Parameter start: the position of the first row of the sequence's tail.
  fileprivate mutating func add(_ sequence: TokenSequence, from start: Int, _ selection: RowSelection) {
    all += sequence.tokens.count
    tails += sequence.tokens.count - start
    outputs += selection.outputs(of: sequence)
  }
}

extension RowSelection {
  /// The number of rows of a sequence that have logits.
  fileprivate func outputs(of sequence: TokenSequence) -> Int {
    self == .all ? sequence.tokens.count : sequence.targets.count { $0 >= 0 }
  }
}
