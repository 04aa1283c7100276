/// The plan of a forked forward: which variants still share a slot after each step of the forward, where slots
/// split, and what is overwritten where. Slots hold the rows of all sequences of a pass, one slot behind the other.
struct ForkTree {
  typealias Edit = ForkedForward.Edit

  /// What happens at one hook.
  struct Step {
    var point: HookPoint
    /// Slots before.
    var count: Int
    /// Slots that exchange their places first, in turn. Only at an MLP's output.
    var swaps: [(Int, Int)] = []
    /// Slots whose branch is needed: at an MLP's output, the first few; elsewhere all.
    var computed: Int
    /// The slots with something to overwrite. Each takes its rows from slot `source`: itself, or one from before
    /// the step where it is new. Slots from `count` on are new.
    var forks: [(slot: Int, source: Int, edits: [Edit])] = []

    var takesRuns: Bool { forks.contains { $0.edits.contains { $0.source.run != nil } } }
  }

  /// The runs that start as slots 0, 1, …; those that others take rows from come first.
  let runs: [Int]
  /// How many of them are taken from. Their slots keep their places and are never edited.
  let givers: Int
  /// Three a layer: z, attention output, MLP output.
  private(set) var steps: [Step] = []
  /// By variant.
  private(set) var finalSlots: [Int]
  private(set) var finalCount = 0
  /// Most slots where every row is computed.
  private(set) var widest: Int

  /// - Parameter variants: their edits in the order of `ForkedForward.Edit.key`.
  init(_ variants: [ForkedForward.Variant], layers: Int) {
    let given = Set(variants.flatMap { $0.edits.compactMap(\.source.run) }).sorted()
    let others = Set(variants.map(\.run)).subtracting(given).sorted()
    runs = given + others
    givers = given.count
    finalSlots = [Int](repeating: 0, count: variants.count)
    widest = runs.count
    // A giver is a variant without edits, whether it was asked for or not.
    let all = variants + given.map { ForkedForward.Variant(run: $0) }
    var slots = runs.map { run in all.indices.filter { all[$0].run == run } }
    for layer in 0..<layers {
      for point in [HookPoint.z(layer), .attentionOut(layer), .mlpOut(layer)] {
        steps.append(Self.step(point, all, &slots))
      }
      if layer + 1 < layers { widest = max(widest, slots.count) }
    }
    finalCount = slots.count
    for (slot, members) in slots.enumerated() {
      for member in members where member < variants.count { finalSlots[member] = slot }
    }
  }

  private static func step(
    _ point: HookPoint, _ variants: [ForkedForward.Variant], _ slots: inout [[Int]]
  ) -> Step {
    let edits = variants.map { variant in variant.edits.filter { $0.point == point } }
    var step = Step(point: point, count: slots.count, computed: slots.count)
    if case .mlpOut = point {
      // An MLP whose output every variant of a slot replaces need not be computed: such slots go to the end.
      var (low, high) = (0, slots.count - 1)
      func isNeeded(_ slot: Int) -> Bool { slots[slot].contains { edits[$0].isEmpty } }
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
      var groups: [[Edit]: [Int]] = [:]
      for member in slots[slot] { groups[edits[member], default: []].append(member) }
      var order = groups.keys.sorted { (groups[$0]?.first ?? 0) < (groups[$1]?.first ?? 0) }
      // Variants without an edit stay where they are; else those that come first.
      let staying = order.firstIndex(of: []) ?? 0
      let kept = order.remove(at: staying)
      slots[slot] = groups[kept] ?? []
      for edits in order {
        step.forks.append((slots.count, slot, edits))
        slots.append(groups[edits] ?? [])
      }
      if !kept.isEmpty { step.forks.append((slot, slot, kept)) }
    }
    return step
  }

  /// Rows at the forward's widest.
  func rows(all: Int, output: Int) -> Int { max(widest * all, finalCount * output) }
}
