/// Values of a kernel file's `#ifndef` parameters, by name.
package struct KernelValues: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// A handful, sorted by name: they are looked up in every launch.
  private var entries: [Entry]

  private struct Entry: Hashable {
    var name: String
    var value: Int
  }

  package init() { entries = [] }

  package init(_ values: [String: Int]) {
    entries = values.map { Entry(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
  }

  package init(dictionaryLiteral elements: (String, Int)...) {
    entries = elements.map { Entry(name: $0.0, value: $0.1) }
    if entries.count > 1 { entries.sort { $0.name < $1.name } }
  }

  package var values: [String: Int] {
    Dictionary(entries.map { ($0.name, $0.value) }) { _, last in last }
  }

  /// The value of a parameter. A name without a value is a programming error, and stops the program.
  package subscript(name: String) -> Int {
    for entry in entries where entry.name == name { return entry.value }
    preconditionFailure("no kernel parameter \(name) among \(entries.map(\.name))")
  }

  /// These values, each replaced by the value of `other` if it has one.
  package func overridden(by other: KernelValues) -> KernelValues {
    KernelValues(values.merging(other.values) { _, new in new })
  }

  /// The values as options of the kernel compiler, sorted by name.
  package var options: String {
    values.sorted { $0.key < $1.key }.map { "-D \($0.key)=\($0.value)" }.joined(separator: " ")
  }
}

/// The limits of a device for a work-group.
package struct KernelLimits: Equatable, Sendable {
  /// The largest number of work-items.
  package var workGroup: Int
  /// The largest number of work-items in each dimension. Some devices allow several in the first dimension only.
  package var items: [Int]
  /// The bytes of local memory.
  package var localMemory: Int

  package init(workGroup: Int, items: [Int] = [.max, .max, .max], localMemory: Int) {
    self.workGroup = workGroup
    self.items = items
    self.localMemory = localMemory
  }

  /// Whether a work-group of this shape is small enough.
  package func allow(_ shape: [Int]) -> Bool {
    shape.reduce(1, *) <= workGroup && zip(shape, items).allSatisfy { $0 <= $1 }
  }
}

/// What the parameters of a kernel file must satisfy, checked before anything is compiled. The constraints of
/// each file are in `KernelConstraints+….swift`; the meaning of a parameter is documented in the kernel's
/// source.
package struct KernelConstraints: Sendable {
  /// A `#ifndef` parameter of a kernel file.
  package struct Tunable: Sendable {
    package var name: String
    /// The value that the source defines if the host does not define one.
    package var defaultValue: Int
    package var range: ClosedRange<Int>
    /// The values that tuning tries; empty for a parameter that follows from the operands.
    package var candidates: [Int]

    init(_ name: String, _ defaultValue: Int, in range: ClosedRange<Int>, candidates: [Int] = []) {
      self.name = name
      self.defaultValue = defaultValue
      self.range = range
      self.candidates = candidates
    }
  }

  struct Rule: Sendable {
    var text: String
    var holds: @Sendable (KernelValues) -> Bool

    init(_ text: String, _ holds: @escaping @Sendable (KernelValues) -> Bool) {
      self.text = text
      self.holds = holds
    }
  }

  package var parameters: [Tunable]
  var rules: [Rule] = []
  /// The work-items of a group in each dimension, if the source fixes them; else none.
  package internal(set) var workGroup: @Sendable (KernelValues) -> [Int] = { _ in [] }
  /// The number of floats in local memory.
  var localFloats: @Sendable (KernelValues) -> Int = { _ in 0 }
  /// The values to try in turn if the defaults don't fit a device or an operand.
  var smaller: [KernelValues] = []

  /// The values that the source itself defines.
  package var defaults: KernelValues {
    KernelValues(Dictionary(parameters.map { ($0.name, $0.defaultValue) }) { first, _ in first })
  }

  /// A description of the first rule that `values` break; nil if they may be compiled.
  package func violation(_ values: KernelValues, _ limits: KernelLimits) -> String? {
    let known = Set(parameters.map(\.name))
    for name in values.values.keys.sorted() where !known.contains(name) {
      return "there is no parameter \(name)"
    }
    let whole = defaults.overridden(by: values)
    for parameter in parameters where !parameter.range.contains(whole[parameter.name]) {
      let (least, greatest) = (parameter.range.lowerBound, parameter.range.upperBound)
      return "\(parameter.name) is \(whole[parameter.name]) but must be in \(least)...\(greatest)"
    }
    for rule in rules where !rule.holds(whole) { return "\(rule.text): \(whole.options)" }
    let (shape, bytes) = (workGroup(whole), 4 * localFloats(whole))
    if !limits.allow(shape) {
      return "a group of \(shape) work-items, but the device allows \(limits.workGroup), and at most "
        + "\(limits.items) in its dimensions: \(whole.options)"
    }
    if bytes > limits.localMemory {
      return "\(bytes) bytes of local memory, but the device has \(limits.localMemory): \(whole.options)"
    }
    return nil
  }

  /// The values to compile with: the first that fit of `tuned`, the defaults and the smaller values; the
  /// defaults if none fit. `fixed` follows from the operands and overrides all of them.
  package func resolve(tuned: KernelValues? = nil, fixed: KernelValues, _ limits: KernelLimits)
    -> KernelValues
  {
    let choices = ([tuned, [:]] + smaller).compactMap { $0 }
      .map { defaults.overridden(by: $0).overridden(by: fixed) }
    return choices.first { violation($0, limits) == nil } ?? defaults.overridden(by: fixed)
  }

  /// Every combination of the parameters' candidates that the rules allow.
  package func candidates(_ limits: KernelLimits) -> [KernelValues] {
    var combinations: [KernelValues] = [[:]]
    for parameter in parameters where !parameter.candidates.isEmpty {
      combinations = combinations.flatMap { values in
        parameter.candidates.map { values.overridden(by: [parameter.name: $0]) }
      }
    }
    return combinations.filter { !$0.values.isEmpty && violation($0, limits) == nil }
  }
}

extension KernelSources {
  package var constraints: KernelConstraints {
    switch self {
    case .matmul: .registerTile
    case .matmulWeightGradient: .registerWeightGradient
    case .matmulLocal, .matmulInputGradientLocal: .localTile
    case .matmulWeightGradientLocal: .localWeightGradient
    case .attention: .registerAttention
    case .attentionLocal: .localAttention
    case .attentionBackwardLocal: .localAttentionBackward
    case .layerNormLocal, .crossEntropyLocal: .rowLanes
    case .layerNormGradientsLocal: .rowLanesAndChunks
    case .sumChunksLocal: .itemsAndElements
    case .columnMeansLocal: .rowChunks
    case .adam: .elements
    case .columnMeans: .columnsOneOrVector
    case .embedding, .replaceRows: .columns
    case .embeddingBackwardLocal: .linkedRows
    case .segmentNormsLocal: .segmentChunks
    case .rows, .rotary, .scale, .softCap, .widen, .narrow: .columnsAndRows
    case .gate: .gate
    case .roof: .roof
    default: KernelConstraints(parameters: [])
    }
  }
}
