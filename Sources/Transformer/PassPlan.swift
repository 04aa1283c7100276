import Compute
import Tasks

/// How samples and interventions are divided among the passes of a forked forward.
struct PassPlan {
  let order: ForwardOrder
  let selection: RowSelection
  /// The number of rows at the widest place of a pass. A single sequence may exceed it.
  let rowLimit: Int
  /// The number of rows with logits in a pass: as many as take 128 MiB. A single sequence may exceed it.
  let outputLimit: Int
  /// The share of all rows from which on samples share them.
  private let leastShared: Double
  /// The memory of a key and its value, as a share of what all other matrices of a row take; nil if keys are not copied.
  private let keyShare: Double?

  /// - Parameter kind: of the device on which passes run.
  init(
    _ configuration: ModelConfiguration, _ selection: RowSelection, rowLimit: Int,
    on kind: DeviceDescription.Kind = .cpu
  ) {
    order = ForwardOrder(configuration.blocks)
    self.selection = selection
    self.rowLimit = rowLimit
    outputLimit = (1 << 25) / max(configuration.vocabulary, 1)
    let row = MemoryEstimate(rowOf: configuration)
    let key = Double(8 * configuration.attentionWidth)
    // Passes that share rows have lists of their own. The host of a GPU takes longer to make them than the GPU to compute a few
    // rows, and to copy all keys takes longer, too.
    leastShared = kind == .gpu ? 0.25 : configuration.copiesSharedKeys ? 0.125 : 0.0625
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
      guard tree(of: kind, interventions).isWorthTails(extent(kind)),
        extent(kind).tails < extent(group(members, interventions, samples)).all
      else { continue }
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
    guard !members.isEmpty else { return [] }
    let all = group(members, interventions, samples)
    let alone = members.filter { interventions[$0].runs == [0] }
    // Unchanged runs are computed in the other passes too.
    guard alone.count < members.count, alone.contains(where: { !interventions[$0].patches.isEmpty }) else {
      return [all]
    }
    let apart = group(alone, interventions, samples)
    let more = (apart.prefixes?.count ?? 0) - (all.prefixes?.count ?? 0)
    // The clean run is computed once more.
    guard 32 * more > samples.tokenCount else { return [all] }
    return [apart, group(members.filter { interventions[$0].runs != [0] }, interventions, samples)]
  }

  /// A group without tails, whose samples share rows if that is worth it.
  private func group(
    _ members: [Int], _ interventions: [Intervention], _ samples: ForkedForward.Samples
  ) -> Group {
    let whole = Group(members: members, samples: samples)
    guard selection == .live, samples.sequences.allSatisfy({ $0.targets.contains { $0 >= 0 } }) else {
      return whole
    }
    let runs = members.reduce(into: Set([0])) { $0.formUnion(interventions[$1].runs) }
    let prefixes = SharedPrefixes(of: samples, in: runs)
    guard Double(prefixes.count) >= leastShared * Double(samples.tokenCount) else { return whole }
    return Group(members: members, samples: samples.ordered(prefixes.order), prefixes: prefixes)
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
    /// The work of groups, and whether one of them takes its samples in several passes.
    func cost(_ groups: [Group]) -> (work: Int, cutsSamples: Bool) {
      groups.reduce(into: (0, false)) { cost, group in
        let tree = tree(of: group, interventions)
        let pieces = pieces(tree, group)
        cost.work += pieces.reduce(0) { $0 + tree.work(extent(group, $1)) }
        cost.cutsSamples = cost.cutsSamples || pieces.count > 1
      }
    }
    var best = divided(passes(kind, interventions))
    guard kind.prefixes != nil, 2 * best.count <= kind.members.count else { return best }
    var least = cost(best)
    // A pass that has all samples can't have more.
    while 2 * best.count <= kind.members.count, least.cutsSamples {
      let more = divided(2 * best.count)
      let needed = cost(more)
      guard needed.work < least.work else { break }
      (best, least) = (more, needed)
    }
    return best
  }

  /// The fewest passes into which a group can be divided.
  private func passes(_ group: Group, _ interventions: [Intervention]) -> Int {
    let tree = tree(of: group, interventions)
    let sequences = group.samples.sequences
    // A pass has at least one sequence, whole.
    let longest = sequences.map(\.tokens.count).max() ?? 0
    let extent = extent(Group(members: [], samples: group.samples, tails: group.tails))
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
    all += count - (isFirst ? 0 : group.prefixes?.lengths[index] ?? 0)
    tails += count - (group.tails?.starts[index] ?? 0)
    outputs += selection.outputs(of: sequence)
  }
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
