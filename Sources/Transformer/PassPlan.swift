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
  func tree(of group: Group, _ interventions: [Intervention]) -> ForkTree {
    let clean: [Intervention] = group.samples.measuresDivergence ? [.none] : []
    return ForkTree(
      group.members.map { interventions[$0] } + clean, order, holdsTails: group.tails != nil)
  }

  /// The samples of each pass of a tree over the interventions of a group.
  func pieces(_ tree: ForkTree, _ group: Group) -> [Range<Int>] {
    let count = group.samples.sequences.count
    var pieces: [Range<Int>] = []
    var first = 0
    while first < count {
      var (end, extent) = (first, PassExtent())
      while end < count {
        extent.add(end, of: group, isFirst: end == first, selection)
        if end > first,
          memoryRows(tree, extent, group) > rowLimit || tree.finalCount * extent.outputs > outputLimit
        {
          break
        }
        end += 1
      }
      pieces.append(first..<end)
      first = end
    }
    return pieces
  }

  /// The rows of a pass as its limit counts them: keys that are copied count by their memory, and are at most twice the limit.
  private func memoryRows(_ tree: ForkTree, _ extent: PassExtent, _ group: Group) -> Int {
    guard let keyShare else { return tree.rows(extent) }
    let keys = tree.keyRows(extent, sharesRows: group.prefixes != nil)
    return max(
      tree.rows(extent) + Int(Double(keys) * keyShare), (keys + Self.keysPerRow - 1) / Self.keysPerRow)
  }

  /// The most keys that a pass has for each row of its limit, if they are copied.
  static let keysPerRow = 2

  /// Interventions that are computed in the same passes.
  struct Group {
    /// Their indices among all.
    var members: [Int]
    /// The samples, in the order in which they share rows.
    var samples: ForkedForward.Samples
    /// Set if slots hold tails.
    var tails: Tails?
    /// Set if samples share rows.
    var prefixes: SharedPrefixes?
  }

  /// The interventions of each pass. Those whose slots can hold tails are apart from others if that is worth it. Neighbours in
  /// the order of their runs and patches share most, so each pass takes neighbours.
  func groups(_ interventions: [Intervention], _ samples: ForkedForward.Samples) -> [Group] {
    guard !samples.sequences.isEmpty, !interventions.isEmpty else { return [] }
    let ranks = ranks(of: interventions)
    // A pass has every run that one of its interventions needs, so those that need the same runs are neighbours.
    let keys = interventions.map { intervention in
      let needed = intervention.runs.sorted()
      return [needed.count] + needed + [intervention.run]
        + intervention.patches.compactMap { ranks[$0] }.sorted()
    }
    return kinds(interventions, samples).flatMap { kind in
      var kind = kind
      kind.members.sort { keys[$0].lexicographicallyPrecedes(keys[$1]) }
      return divided(kind, interventions)
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
      let kind = Group(members: members, samples: samples, tails: tails)
      guard tree(of: kind, interventions).isWorthTails(extent(kind)) else { continue }
      func belongs(_ index: Int) -> Bool {
        let runsHere = interventions[index].exchangedRuns
        return runsHere == runs
          || interventions[index].patches.isEmpty && runs.contains(interventions[index].run)
      }
      kinds.append(Group(members: others.filter(belongs), samples: samples, tails: tails))
      others.removeAll(where: belongs)
    }
    return kinds + sharing(others, interventions, samples)
  }

  /// Interventions without tails, those that need no other run apart if they then share more rows.
  private func sharing(
    _ members: [Int], _ interventions: [Intervention], _ samples: ForkedForward.Samples
  ) -> [Group] {
    let all = group(members, interventions, samples)
    let (alone, others) = (
      members.filter { interventions[$0].runs == [0] }, members.filter { interventions[$0].runs != [0] }
    )
    guard selection == .live, !alone.isEmpty, !others.isEmpty else { return members.isEmpty ? [] : [all] }
    let apart = group(alone, interventions, samples)
    // The clean run is computed once more.
    guard 32 * (apart.sharedCount - all.sharedCount) > samples.tokenCount else { return [all] }
    return [apart, group(others, interventions, samples)]
  }

  /// A group without tails, whose samples share rows if that is worth it.
  private func group(
    _ members: [Int], _ interventions: [Intervention], _ samples: ForkedForward.Samples
  ) -> Group {
    let whole = Group(members: members, samples: samples)
    guard selection == .live else { return whole }
    let runs = members.reduce(into: Set([0])) { $0.formUnion(interventions[$1].runs) }
    let prefixes = SharedPrefixes(of: samples, in: runs)
    let shared = prefixes.lengths.reduce(0, +)
    // To copy the keys of all sequences takes longer than to compute a few rows.
    guard shared > 0, keyShare == nil || 8 * shared >= samples.tokenCount else { return whole }
    return Group(members: members, samples: samples.sharingRows(prefixes), prefixes: prefixes)
  }

  /// A group in as many passes as the limits ask for, or in more, with more samples each, if these then share more rows than their
  /// interventions.
  private func divided(_ kind: Group, _ interventions: [Intervention]) -> [Group] {
    func divided(_ passes: Int) -> [Group] {
      (0..<passes).map { pass in
        let count = kind.members.count
        var group = kind
        group.members = Array(kind.members[pass * count / passes..<(pass + 1) * count / passes])
        return group
      }
    }
    func work(_ groups: [Group]) -> Int {
      groups.reduce(0) { sum, group in
        let tree = tree(of: group, interventions)
        return pieces(tree, group).reduce(sum) { $0 + tree.work(extent(group, $1)) }
      }
    }
    var best = divided(passes(kind, interventions))
    guard kind.prefixes != nil else { return best }
    var least = work(best)
    while 2 * best.count <= kind.members.count {
      let more = divided(2 * best.count)
      let needed = work(more)
      guard needed < least else { break }
      (best, least) = (more, needed)
    }
    return best
  }

  /// The fewest passes into which a group can be divided.
  private func passes(_ group: Group, _ interventions: [Intervention]) -> Int {
    let tree = tree(of: group, interventions)
    let extent = extent(group)
    let sequences = group.samples.sequences
    // A pass has at least one sequence, whole.
    let longest = sequences.map(\.tokens.count).max() ?? 0
    let run = min(extent.all, max(Self.fewestRows, longest))
    let all = max(extent.all, 1)
    let rows = (memoryRows(tree, extent, group) * run + all - 1) / all
    let outputRows = sequences.map(selection.outputs).max() ?? 0
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
    groups(interventions, samples).reduce(BatchCapacity()) { capacity, group in
      let tree = tree(of: group, interventions)
      return capacity.union(self.capacity(tree, group, pieces(tree, group)))
    }
  }

  /// What the widest pass of a group needs.
  func capacity(_ tree: ForkTree, _ group: Group, _ pieces: [Range<Int>]) -> BatchCapacity {
    pieces.reduce(BatchCapacity()) { capacity, piece in
      let extent = extent(group, piece)
      return capacity.union(
        BatchCapacity(
          rows: tree.rows(extent), outputRows: tree.finalCount * extent.outputs,
          keyRows: keyShare == nil ? 0 : tree.keyRows(extent, sharesRows: group.prefixes != nil)))
    }
  }

  private func extent(_ group: Group) -> PassExtent { extent(group, group.samples.sequences.indices) }

  private func extent(_ group: Group, _ piece: Range<Int>) -> PassExtent {
    piece.reduce(into: PassExtent()) { extent, index in
      extent.add(index, of: group, isFirst: index == piece.lowerBound, selection)
    }
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
  /// Adds a sequence.
  ///
  /// - Parameter isFirst: whether it has none before it with which it shares rows.
  fileprivate mutating func add(
    _ index: Int, of group: PassPlan.Group, isFirst: Bool, _ selection: RowSelection
  ) {
    let sequence = group.samples.sequences[index]
    let count = sequence.tokens.count
    keys += count
    all += count - (isFirst || group.prefixes == nil ? 0 : group.samples.sharedRows[index])
    tails += count - (group.tails?.starts[index] ?? 0)
    outputs += selection.outputs(of: sequence)
  }
}

extension PassPlan.Group {
  /// The number of rows that samples share with others.
  fileprivate var sharedCount: Int { prefixes.map { $0.lengths.reduce(0, +) } ?? 0 }
}

extension ForkedForward.Samples {
  fileprivate var tokenCount: Int { sequences.reduce(0) { $0 + $1.tokens.count } }
}

extension Intervention {
  /// The run that it starts from, and those that it takes values from.
  fileprivate var runs: Set<Int> { Set([run] + patches.flatMap(\.value.runs)) }
}

extension RowSelection {
  /// The number of rows of a sequence that have logits.
  fileprivate func outputs(of sequence: TokenSequence) -> Int {
    self == .all ? sequence.tokens.count : sequence.targets.count { $0 >= 0 }
  }
}
