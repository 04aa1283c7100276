/// The plan of a forked forward: which interventions still share a slot after each step of the forward, where
/// slots split, and what is patched where. A slot holds the rows of all sequences of a pass, or of their tails; the slots
/// follow one another.
struct ForkTree {
  /// What happens at one place.
  struct Step {
    var place: ForkPlace
    /// The number of slots before the step.
    var count: Int
    /// The number of slots after the step.
    var after = 0
    /// Pairs of slots that exchange their places before the step, in this order. Only used at an MLP.
    var swaps: [(Int, Int)] = []
    /// The number of slots whose branch is needed: at an MLP, the first few; elsewhere all.
    var computed: Int
    /// The slots in which something is patched. Slots from `count` on are new.
    var forks: [Fork] = []
    /// The streams that patched inputs read instead of their slots' streams, without duplicates. The branch
    /// is computed for them in slots of their own, after all others.
    var streams: [Stream] = []

    /// Whether an output is overwritten by that of another run.
    var takesRuns: Bool {
      forks.contains { fork in
        fork.patches.contains { patch in
          if case .run = patch.value, case .output = patch.site { true } else { false }
        }
      }
    }
  }

  /// A slot in which something is patched.
  struct Fork {
    var slot: Int
    /// The slot that its rows come from: itself or, if it is new, a slot from before the step.
    var source: Int
    var patches: Set<Patch>
    /// For each patched input, the index of the step's stream that it reads.
    var streams: [Site: Int] = [:]
  }

  /// The residual stream of a slot, with the values that replace it or are added to it.
  struct Stream: Hashable {
    var source: Int
    /// The values. Differences are in the order of their writers, so that their sum always has the same
    /// order.
    var values: [Patch.Value]
  }

  /// The runs that start as slots 0, 1, …. Runs from which others take rows come first.
  let runs: [Int]
  /// The number of runs from which others take rows. Their slots keep their places and are never patched.
  let givers: Int
  /// Whether every slot except those of the runs holds tails.
  let holdsTails: Bool
  /// The steps in the order of the forward.
  private(set) var steps: [Step] = []
  /// The differences that patches add, without duplicates.
  let differences: Set<Patch.Value>
  /// The slot of each intervention after the last step.
  private(set) var finalSlots: [Int]
  private(set) var finalCount = 0
  /// The largest number of slots where all rows are computed, and where only rows with a target are.
  private var (widest, widestOutput) = (0, 0)

  /// - Parameter holdsTails: for interventions that have `exchangedRuns` or are unchanged runs. Every run then counts as one
  ///   from which others take rows.
  init(_ interventions: [Intervention], _ order: ForwardOrder, holdsTails: Bool = false) {
    self.holdsTails = holdsTails
    let values = interventions.flatMap { $0.patches.map(\.value) }
    let given = Set(values.flatMap(\.runs) + (holdsTails ? interventions.map(\.run) : [])).sorted()
    let others = Set(interventions.map(\.run)).subtracting(given).sorted()
    runs = given + others
    givers = given.count
    differences = Set(values.filter { $0.writer != nil })
    finalSlots = [Int](repeating: 0, count: interventions.count)
    widest = runs.count
    // A run that others take rows from counts as an intervention without patches, even if it was not
    // requested.
    let all = interventions + given.map { Intervention(run: $0) }
    var slots = runs.map { run in all.indices.filter { all[$0].run == run } }
    let places = order.forks
    let layers = places.last?.layer ?? 0
    let byPlace = all.map { Dictionary(grouping: $0.patches, by: \.site.forkPlace) }
    for place in places {
      let step = Self.step(place, byPlace.map { Set($0[place] ?? []) }, &slots)
      steps.append(step)
      let width = max(step.after, step.computed) + (place.part == .mlp ? 0 : step.streams.count)
      // From its heads on, the last block has only rows with a target.
      if place < ForkPlace(layer: layers - 1, part: .heads) {
        widest = max(widest, width)
      } else {
        widestOutput = max(widestOutput, width)
      }
    }
    finalCount = slots.count
    for (slot, members) in slots.enumerated() {
      for member in members where member < interventions.count { finalSlots[member] = slot }
    }
  }

  private static func step(
    _ place: ForkPlace, _ patches: [Set<Patch>], _ slots: inout [[Int]]
  ) -> Step {
    var step = Step(place: place, count: slots.count, computed: slots.count)
    // An MLP is not computed if every intervention of a slot replaces it, unless a patched input needs it.
    if place.part == .mlp, !patches.contains(where: { $0.contains(where: \.isInput) }) {
      step.arrange(&slots) { patches[$0].isEmpty }
    }
    for slot in 0..<step.count {
      var groups: [Set<Patch>: [Int]] = [:]
      for member in slots[slot] { groups[patches[member], default: []].append(member) }
      var order = groups.keys.sorted { (groups[$0]?.first ?? 0) < (groups[$1]?.first ?? 0) }
      // Interventions without a patch here keep their slot; if there are none, the first group keeps it.
      let staying = order.firstIndex(of: []) ?? 0
      let kept = order.remove(at: staying)
      slots[slot] = groups[kept] ?? []
      for patches in order {
        step.forks.append(Fork(slot: slots.count, source: slot, patches: patches))
        slots.append(groups[patches] ?? [])
      }
      if !kept.isEmpty { step.forks.append(Fork(slot: slot, source: slot, patches: kept)) }
    }
    step.after = slots.count
    step.findStreams()
    if place.part == .mlp { step.computed += step.streams.count }
    return step
  }

  /// The number of rows at the widest place of the forward.
  func rows(_ extent: PassExtent) -> Int {
    let runs = holdsTails ? givers : widest
    return max(runs * extent.all + (widest - runs) * extent.tails, widestOutput * extent.outputs)
  }

  /// The number of keys at the widest place of the forward, if they are other rows.
  ///
  /// - Parameter sharesRows: whether sequences begin with rows of others.
  func keyRows(_ extent: PassExtent, sharesRows: Bool) -> Int {
    holdsTails || sharesRows ? widest * extent.keys : 0
  }

  /// The work of the forward if no slot holds tails, in rows of a block's heads; an MLP takes twice as long.
  func work(_ extent: PassExtent) -> Int {
    let layers = steps.last?.place.layer ?? 0
    return steps.reduce(0) { sum, step in
      switch step.place.part {
      case .attentionInputs: sum + (step.after + step.streams.count) * extent.all
      case .mlp: sum + 2 * step.computed * (step.place.layer == layers - 1 ? extent.outputs : extent.all)
      default: sum
      }
    }
  }

  /// Whether tails save more rows than the runs have.
  func isWorthTails(_ extent: PassExtent) -> Bool {
    (widest - runs.count) * (extent.all - extent.tails) > runs.count * extent.all
  }
}

/// The numbers of rows of some sequences in one slot.
struct PassExtent {
  /// All rows that a slot has if it holds no tails.
  var all = 0
  /// The keys: the tokens of all sequences.
  var keys = 0
  /// The rows of their tails.
  var tails = 0
  /// The rows with logits.
  var outputs = 0
}

extension ForkTree.Step {
  /// Moves slots whose branch is not needed after the others.
  fileprivate mutating func arrange(_ slots: inout [[Int]], needing isComputed: (Int) -> Bool) {
    var (low, high) = (0, slots.count - 1)
    func isNeeded(_ slot: Int) -> Bool { slots[slot].contains(where: isComputed) }
    while low <= high {
      if isNeeded(low) {
        low += 1
      } else if !isNeeded(high) {
        high -= 1
      } else {
        slots.swapAt(low, high)
        swaps.append((low, high))
      }
    }
    computed = low
  }

  /// Numbers the streams that patched inputs read. Ports that read equal streams share one.
  fileprivate mutating func findStreams() {
    var known: [ForkTree.Stream: Int] = [:]
    for i in forks.indices {
      let inputs = Dictionary(grouping: forks[i].patches.filter(\.isInput), by: \.site)
      for (site, patches) in inputs.sorted(by: { $0.key.name < $1.key.name }) {
        let stream = ForkTree.Stream(source: forks[i].source, values: patches.map(\.value).inOrder)
        if known[stream] == nil {
          known[stream] = streams.count
          streams.append(stream)
        }
        forks[i].streams[site] = known[stream]
      }
    }
  }
}

extension Patch {
  var isInput: Bool { if case .input = site { true } else { false } }
}

extension [Patch.Value] {
  /// The values, with differences in the order of their writers.
  var inOrder: [Patch.Value] {
    sorted { ($0.writer?.order ?? []).lexicographicallyPrecedes($1.writer?.order ?? []) }
  }
}
