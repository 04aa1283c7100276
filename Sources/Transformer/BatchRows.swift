import Compute
import Concurrency
import Tasks

/// The rows of a batch as plain lists, before they are copied to a device.
struct BatchRows: Sendable {
  /// Tokens, one per input row of the first block. Unless rows are shared, every row is its own input.
  private(set) var tokens: [Int32] = []
  private(set) var positions: [Int32] = []
  /// For each row, its position in its sequence.
  private(set) var rowPositions: [Int32] = []
  /// For each output row, its row, position, target and share of the model's loss.
  private(set) var outputs: [Int32] = []
  private(set) var outputPositions: [Int32] = []
  private(set) var targets: [Int32] = []
  private(set) var weights: [Float] = []
  /// For each key, its row and position. Empty unless rows are shared.
  private(set) var keyRows: [Int32] = []
  private(set) var keyPositions: [Int32] = []
  /// For each row and each key, its input. Empty unless rows are distinct.
  private(set) var rowInputs: [Int32] = []
  private(set) var keyInputs: [Int32] = []
  private(set) var inputGroups: [RowGroup] = []
  private(set) var groups: [RowGroup] = []
  private(set) var outputGroups: [RowGroup] = []
  private(set) var attention: [AttentionSequence] = []
  private(set) var outputAttention: [AttentionSequence] = []
  private(set) var sequenceRows: [[Range<Int>]] = []
  private(set) var sequenceOutputRows: [[Range<Int>]] = []
  private(set) var longestSequence = 0

  private let selection: RowSelection
  private let configuration: ModelConfiguration
  private var keyCount = 0
  /// The rows of the current lane, by the previous row and the token.
  private var prefixes = NumberTable()
  /// The inputs of the current model, by token and, with an embedding of positions, by position.
  private var inputs = NumberTable()

  /// - Throws: `ModelError.batch` for tokens, targets or lengths that the model cannot process.
  init(_ lanes: [Lane], _ selection: RowSelection, for configuration: ModelConfiguration) throws {
    let parts = Self.parts(lanes)
    if parts.count > 1 {
      self.init(selection, configuration)
      let packed = try concurrentMap(parts) { try BatchRows(lanes[$0], selection, for: configuration) }
      reserve(packed)
      for part in packed { append(part) }
    } else {
      try self.init(lanes[...], selection, for: configuration)
    }
    guard targets.contains(where: { $0 >= 0 }) else {
      throw ModelError.batch("no position has a target; give at least one a token to predict")
    }
  }

  private init(_ selection: RowSelection, _ configuration: ModelConfiguration) {
    self.selection = selection
    self.configuration = configuration
  }

  /// One lane's rows in each of several lanes of its model.
  ///
  /// - Parameter lane: a single lane, whose rows are not distinct.
  init(repeating lane: BatchRows, count: Int) {
    precondition(
      lane.groups.count == 1 && lane.rowInputs.isEmpty, "one lane without distinct rows is repeated")
    self.init(lane.selection, lane.configuration)
    let (rowCount, outputCount, keys) = (lane.rowPositions.count, lane.outputs.count, lane.keyCount)
    tokens = lane.tokens.repeated(count)
    positions = lane.positions.repeated(count)
    rowPositions = lane.rowPositions.repeated(count)
    outputs = lane.outputs.repeated(count) { $0 + Int32($1 * rowCount) }
    outputPositions = lane.outputPositions.repeated(count)
    targets = lane.targets.repeated(count)
    let weight = 1 / Float(max(lane.targets.count { $0 >= 0 } * count, 1))
    weights = lane.targets.map { $0 >= 0 ? weight : 0 }.repeated(count)
    keyRows = lane.keyRows.repeated(count) { $0 + Int32($1 * rowCount) }
    keyPositions = lane.keyPositions.repeated(count)
    groups = (0..<count).map { lane.groups[0].shifted($0 * rowCount, toLane: $0) }
    inputGroups = groups
    outputGroups = (0..<count).map { lane.outputGroups[0].shifted($0 * outputCount, toLane: $0) }
    attention = lane.attention.repeated(count) { $0.shifted($1 * rowCount, key: $1 * keys) }
    outputAttention = lane.outputAttention.repeated(count) { $0.shifted($1 * outputCount, key: $1 * keys) }
    sequenceRows = (0..<count).map { index in lane.sequenceRows[0].map { $0.shifted(index * rowCount) } }
    sequenceOutputRows = (0..<count).map { index in
      lane.sequenceOutputRows[0].map { $0.shifted(index * outputCount) }
    }
    keyCount = count * keys
    longestSequence = lane.longestSequence
  }

  /// The lanes in parts that can be packed apart: a model's lanes stay together, and a part is worth a thread.
  private static func parts(_ lanes: [Lane]) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var (first, sequences) = (0, 0)
    for (index, lane) in lanes.enumerated() {
      if sequences >= sequencesPerPart, lane.model != lanes[index - 1].model {
        parts.append(first..<index)
        (first, sequences) = (index, 0)
      }
      sequences += lane.sequences.count
    }
    return parts + [first..<lanes.count]
  }

  private static let sequencesPerPart = 512

  /// Packs a part of the lanes, as if there were no others before it.
  private init(_ lanes: ArraySlice<Lane>, _ selection: RowSelection, for configuration: ModelConfiguration)
    throws
  {
    self.init(selection, configuration)
    let places = Set(lanes.map { $0.beginnings?.place })
    let sharesKeys = lanes.contains { $0.beginnings != nil }
    precondition(
      !sharesKeys
        || selection == .live && lanes.allSatisfy { $0.model == lanes.first?.model }
          && (places == [.sequenceBefore]
            || !places.contains(.sequenceBefore) && lanes.first?.beginnings == nil),
      "rows of others need live rows of one model, and those of the first lane a whole one")
    for (index, lane) in zip(lanes.indices, lanes) {
      let (firstRow, firstOutput) = (rowPositions.count, outputs.count)
      startLane(lane.model)
      sequenceRows.append([])
      sequenceOutputRows.append([])
      for (number, sequence) in lane.sequences.enumerated() {
        try sequence.check(for: configuration)
        let start = lane.beginnings?.starts[number] ?? 0
        append(sequence, from: start)
        if sharesKeys { appendKeys(ofSequence: number, from: start, lane.beginnings?.place ?? .firstLane) }
      }
      groups.append(
        RowGroup(model: lane.model, lane: index, firstRow: firstRow, count: rowPositions.count - firstRow))
      outputGroups.append(
        RowGroup(model: lane.model, lane: index, firstRow: firstOutput, count: outputs.count - firstOutput))
    }
    if selection != .distinct { inputGroups = groups }
    weighTargets()
  }

  /// Appends lanes that were packed apart, which hold no model that this one has.
  private mutating func append(_ part: BatchRows) {
    let (row, output, input, key) = (rowPositions.count, outputs.count, tokens.count, keyCount)
    attention.append(contentsOf: part.attention.lazy.map { $0.shifted(row, key: key) })
    outputAttention.append(
      contentsOf: part.outputAttention.lazy.map { $0.shifted(output, key: key) })
    sequenceRows.append(contentsOf: part.sequenceRows.lazy.map { $0.map { $0.shifted(row) } })
    sequenceOutputRows.append(contentsOf: part.sequenceOutputRows.lazy.map { $0.map { $0.shifted(output) } })
    inputGroups.append(contentsOf: part.inputGroups.lazy.map { $0.shifted(input) })
    groups.append(contentsOf: part.groups.lazy.map { $0.shifted(row) })
    outputGroups.append(contentsOf: part.outputGroups.lazy.map { $0.shifted(output) })
    tokens += part.tokens
    positions += part.positions
    rowPositions += part.rowPositions
    outputs.append(contentsOf: part.outputs.lazy.map { $0 + Int32(row) })
    outputPositions += part.outputPositions
    targets += part.targets
    weights += part.weights
    rowInputs.append(contentsOf: part.rowInputs.lazy.map { $0 + Int32(input) })
    keyInputs.append(contentsOf: part.keyInputs.lazy.map { $0 + Int32(input) })
    keyRows.append(contentsOf: part.keyRows.lazy.map { $0 + Int32(row) })
    keyPositions += part.keyPositions
    keyCount += part.keyCount
    longestSequence = max(longestSequence, part.longestSequence)
  }

  /// Makes room for all of these, so that no list is moved while they are appended.
  private mutating func reserve(_ parts: [BatchRows]) {
    func room<Element>(_ list: WritableKeyPath<BatchRows, [Element]>) {
      self[keyPath: list].reserveCapacity(parts.reduce(0) { $0 + $1[keyPath: list].count })
    }
    for list in [
      \BatchRows.tokens, \.positions, \.rowPositions, \.outputs, \.outputPositions, \.targets, \.keyRows,
      \.keyPositions, \.rowInputs, \.keyInputs,
    ] { room(list) }
    room(\.weights)
    room(\.attention)
    room(\.outputAttention)
  }

  private mutating func startLane(_ model: Int) {
    prefixes.removeAll()
    guard selection == .distinct, inputGroups.last?.model != model else { return }
    inputs.removeAll()
    inputGroups.append(RowGroup(model: model, firstRow: tokens.count, count: 0))
  }

  private mutating func append(_ sequence: TokenSequence, from start: Int) {
    let live = (sequence.targets.lastIndex { $0 >= 0 } ?? -1) + 1
    let length = selection == .all ? sequence.tokens.count : live
    // Rows from the first target on belong to this sequence alone; earlier rows may be shared.
    let firstTarget = sequence.targets.firstIndex { $0 >= 0 } ?? 0
    let (firstRow, firstOutput) = (rowPositions.count, outputs.count)
    var row: Int32 = -1
    for position in start..<length {
      let (token, target) = (sequence.tokens[position], sequence.targets[position])
      row = self.row(token, position, after: row, mayBeShared: position < firstTarget)
      if selection == .all || target >= 0 {
        outputs.append(row)
        outputPositions.append(Int32(position))
        targets.append(target)
      }
    }
    attention.append(
      AttentionSequence(
        firstQuery: firstRow, queryCount: rowPositions.count - firstRow, firstKey: keyCount, keyCount: length)
    )
    outputAttention.append(
      AttentionSequence(
        firstQuery: firstOutput, queryCount: outputs.count - firstOutput, firstKey: keyCount,
        keyCount: length))
    sequenceRows[sequenceRows.count - 1].append(firstRow..<rowPositions.count)
    sequenceOutputRows[sequenceOutputRows.count - 1].append(firstOutput..<outputs.count)
    keyCount += length
    longestSequence = max(longestSequence, length)
  }

  /// Appends the keys of the sequence that was appended last: those of others up to its own rows, and its own.
  private mutating func appendKeys(ofSequence number: Int, from start: Int, _ place: Beginnings.Place) {
    guard let rows = sequenceRows.last?.last, let whole = sequenceRows.first?[number].lowerBound else {
      return
    }
    switch place {
    case .firstLane: keyRows += Int32(whole)..<Int32(whole + start)
    case .sequenceBefore where start > 0:
      let first = attention[attention.count - 2].firstKey
      keyRows += keyRows[first..<first + start]
    case .sequenceBefore: break
    }
    keyRows += Int32(rows.lowerBound)..<Int32(rows.upperBound)
    keyPositions += 0..<Int32(start + rows.count)
  }

  /// The row of a token that follows a given row: a new row, or the row of an earlier sequence with the same
  /// prefix.
  private mutating func row(_ token: Int32, _ position: Int, after previous: Int32, mayBeShared: Bool)
    -> Int32
  {
    let next = Int32(rowPositions.count)
    guard selection == .distinct else {
      tokens.append(token)
      positions.append(Int32(position))
      rowPositions.append(Int32(position))
      return next
    }
    var row = next
    let prefix = (Int(previous) + 1) * configuration.vocabulary + Int(token)
    if mayBeShared, let earlier = prefixes.find(prefix, orInsert: next) {
      row = earlier
    } else {
      rowInputs.append(input(token, position))
      rowPositions.append(Int32(position))
    }
    keyRows.append(row)
    keyInputs.append(rowInputs[Int(row)])
    keyPositions.append(Int32(position))
    return row
  }

  private mutating func input(_ token: Int32, _ position: Int) -> Int32 {
    let place = configuration.positions == .learned ? position : 0
    let key = place * configuration.vocabulary + Int(token)
    let new = Int32(tokens.count)
    if let known = inputs.find(key, orInsert: new) { return known }
    tokens.append(token)
    positions.append(Int32(position))
    inputGroups[inputGroups.count - 1].count += 1
    return new
  }

  /// Sets the weight of each output row to 1 / (the number of rows of its model that have a target), or to 0
  /// without a target.
  private mutating func weighTargets() {
    var counts: [Int: Int] = [:]
    for group in outputGroups {
      for row in group.firstRow..<group.firstRow + group.count where targets[row] >= 0 {
        counts[group.model, default: 0] += 1
      }
    }
    weights.reserveCapacity(targets.count)
    for group in outputGroups {
      let weight = 1 / Float(max(counts[group.model] ?? 0, 1))
      for row in group.firstRow..<group.firstRow + group.count {
        weights.append(targets[row] >= 0 ? weight : 0)
      }
    }
  }
}

extension AttentionSequence {
  fileprivate func shifted(_ query: Int, key: Int) -> AttentionSequence {
    AttentionSequence(
      firstQuery: firstQuery + query, queryCount: queryCount, firstKey: firstKey + key, keyCount: keyCount)
  }
}

extension RowGroup {
  fileprivate func shifted(_ rows: Int, toLane other: Int? = nil) -> RowGroup {
    RowGroup(model: model, lane: other ?? lane, firstRow: firstRow + rows, count: count)
  }
}

extension Array {
  /// The elements several times.
  ///
  /// - Parameter element: makes an element from one of these and the number of the repetition.
  fileprivate func repeated(_ times: Int, _ element: (Element, Int) -> Element = { value, _ in value })
    -> [Element]
  {
    [Element](unsafeUninitializedCapacity: count * times) { memory, filled in
      withUnsafeBufferPointer { values in
        for time in 0..<times {
          for index in values.indices {
            memory.initializeElement(at: filled + index, to: element(values[index], time))
          }
          filled += values.count
        }
      }
    }
  }
}

extension Range<Int> {
  fileprivate func shifted(_ rows: Int) -> Range<Int> { lowerBound + rows..<upperBound + rows }
}

extension TokenSequence {
  /// - Throws: `ModelError.batch` for a sequence that the model cannot process.
  fileprivate func check(for configuration: ModelConfiguration) throws {
    let vocabulary = Int32(configuration.vocabulary)
    guard tokens.count == targets.count else {
      throw ModelError.batch("\(tokens.count) tokens but \(targets.count) targets")
    }
    if configuration.positions == .learned, tokens.count > configuration.context {
      throw ModelError.batch(
        "a sequence of \(tokens.count) tokens, but the model has \(configuration.context) positions")
    }
    for token in tokens where token < 0 || token >= vocabulary {
      throw ModelError.batch("token \(token) lies outside the vocabulary 0..<\(vocabulary)")
    }
    for target in targets where target >= vocabulary || (target < 0 && target != TokenSequence.noLoss) {
      throw ModelError.batch(
        "target \(target) lies outside the vocabulary 0..<\(vocabulary) and is not \(TokenSequence.noLoss)")
    }
  }
}
