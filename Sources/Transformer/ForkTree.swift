/// The plan of a forked forward: which interventions still share a slot after each step of the forward, where slots
/// split, and what is patched where. Slots hold the rows of all sequences of a pass, one slot behind the other.
struct ForkTree {
  /// What happens at one hook.
  struct Step {
    var point: HookPoint
    /// Slots before.
    var count: Int
    /// Slots that exchange their places first, in turn. Only at an MLP's output.
    var swaps: [(Int, Int)] = []
    /// Slots whose branch is needed: at an MLP's output, the first few; elsewhere all.
    var computed: Int
    /// The slots with something to patch. Slots from `count` on are new.
    var forks: [Fork] = []

    var takesRuns: Bool { forks.contains { $0.patches.contains { $0.value.run != nil } } }
  }

  /// A slot in which something is patched.
  struct Fork {
    var slot: Int
    /// The slot its rows come from: itself, or, where it is new, one from before the step.
    var source: Int
    var patches: Set<Patch>
  }

  /// The runs that start as slots 0, 1, …; those that others take rows from come first.
  let runs: [Int]
  /// How many of them are taken from. Their slots keep their places and are never edited.
  let givers: Int
  /// Three a layer: z, attention output, MLP output.
  private(set) var steps: [Step] = []
  /// By intervention.
  private(set) var finalSlots: [Int]
  private(set) var finalCount = 0
  /// Most slots where every row is computed.
  private(set) var widest: Int

  init(_ interventions: [Intervention], layers: Int) {
    let given = Set(interventions.flatMap { $0.patches.compactMap(\.value.run) }).sorted()
    let others = Set(interventions.map(\.run)).subtracting(given).sorted()
    runs = given + others
    givers = given.count
    finalSlots = [Int](repeating: 0, count: interventions.count)
    widest = runs.count
    // A giver is an intervention that changes nothing, whether it was asked for or not.
    let all = interventions + given.map { Intervention(run: $0) }
    var slots = runs.map { run in all.indices.filter { all[$0].run == run } }
    for layer in 0..<layers {
      for point in [HookPoint.z(layer), .attentionOut(layer), .mlpOut(layer)] {
        steps.append(Self.step(point, all, &slots))
      }
      if layer + 1 < layers { widest = max(widest, slots.count) }
    }
    finalCount = slots.count
    for (slot, members) in slots.enumerated() {
      for member in members where member < interventions.count { finalSlots[member] = slot }
    }
  }

  private static func step(
    _ point: HookPoint, _ interventions: [Intervention], _ slots: inout [[Int]]
  ) -> Step {
    let patches = interventions.map { Set($0.patches.filter { $0.site.hook == point }) }
    var step = Step(point: point, count: slots.count, computed: slots.count)
    if case .mlpOut = point {
      // An MLP whose output every intervention of a slot replaces need not be computed: such slots go to the end.
      var (low, high) = (0, slots.count - 1)
      func isNeeded(_ slot: Int) -> Bool { slots[slot].contains { patches[$0].isEmpty } }
      while low <= high {
        if isNeeded(low) {
          low += 1
        } else if !isNeeded(high) {
          high -= 1
        } else {
          slots.swapAt(low, high)
          step.swaps.append((low, high))
        }
      }
      step.computed = low
    }
    for slot in 0..<step.count {
      var groups: [Set<Patch>: [Int]] = [:]
      for member in slots[slot] { groups[patches[member], default: []].append(member) }
      var order = groups.keys.sorted { (groups[$0]?.first ?? 0) < (groups[$1]?.first ?? 0) }
      // Interventions without a patch here stay where they are; else those that come first.
      let staying = order.firstIndex(of: []) ?? 0
      let kept = order.remove(at: staying)
      slots[slot] = groups[kept] ?? []
      for patches in order {
        step.forks.append(Fork(slot: slots.count, source: slot, patches: patches))
        slots.append(groups[patches] ?? [])
      }
      if !kept.isEmpty { step.forks.append(Fork(slot: slot, source: slot, patches: kept)) }
    }
    return step
  }

  /// Rows at the forward's widest.
  func rows(all: Int, output: Int) -> Int { max(widest * all, finalCount * output) }
}
