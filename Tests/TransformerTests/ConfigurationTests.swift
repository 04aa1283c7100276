import CPUDevice
import Compute
import Tasks
import TestModels
import Testing
import Transformer

@Suite("An invalid model configuration") struct ConfigurationTests {
  private static let changes: [(String, @Sendable (inout ModelConfiguration) -> Void)] = [
    ("heads", { $0.heads = 5 }), ("heads", { $0.heads = 129 }), ("heads", { $0.heads = 0 }),
    ("heads", { $0.heads = -4 }), ("layers", { $0.layers = 0 }), ("layers", { $0.layers = -1 }),
    ("layers", { $0.layers = Int.max }), ("d_model", { $0.dModel = 0 }), ("d_model", { $0.dModel = -128 }),
    ("d_model", { $0.dModel = 1 << 40 }), ("d_ff", { $0.dMLP = 0 }), ("d_ff", { $0.dMLP = Int.min }),
    ("vocabulary", { $0.vocabulary = 0 }), ("vocabulary", { $0.vocabulary = Int.max }),
    ("context", { $0.context = 0 }), ("context", { $0.context = 1 << 25 }),
    ("eps", { $0.epsilon = 0 }), ("eps", { $0.epsilon = .nan }), ("eps", { $0.epsilon = .infinity }),
    ("even, not 3", { ($0.dModel, $0.positions) = (12, .rotary) }),
    ("2³¹ elements", { $0.dModel = 1 << 20 }), ("beyond", { $0.layers = 1 << 16 + 1 }),
  ]

  @Test("is refused with the reason", arguments: changes.indices)
  func refused(index: Int) throws {
    let (word, change) = Self.changes[index]
    var configuration = ModelConfiguration()
    change(&configuration)
    func isRight(_ error: any Error) -> Bool {
      if case ModelError.configuration(let reason) = error { reason.contains(word) } else { false }
    }
    #expect {
      try configuration.validate()
    } throws: {
      isRight($0)
    }
    let device = try CPUDevice(threads: 1)
    #expect {
      try Transformer(configuration, parameters: [[]], on: device)
    } throws: {
      isRight($0)
    }
  }

  @Test("does not include the published configuration or a smallest one")
  func accepted() throws {
    try ModelConfiguration().validate()
    try ModelConfiguration(layers: 1, heads: 1, dModel: 1, dMLP: 1, vocabulary: 1, context: 1).validate()
  }
}

@Suite("A batch") struct BatchTests {
  let device: CPUDevice
  private let configuration = ModelConfiguration(
    layers: 1, heads: 1, dModel: 8, dMLP: 8, vocabulary: 10, context: 5, positions: .learned)

  init() throws { device = try CPUDevice(threads: 1) }

  private func batch(
    _ tokens: [Int32], _ targets: [Int32], _ selection: RowSelection = .live
  ) throws -> Batch {
    try Batch([TokenSequence(tokens: tokens, targets: targets)], selection, for: configuration, on: device)
  }

  @Test(
    "is refused with the reason if the model cannot process it",
    arguments: [
      ([0, 10, 1], [-100, 1, 1], "token 10"), ([0, -1, 1], [-100, 1, 1], "token -1"),
      ([0, Int32.max, 1], [-100, 1, 1], "token 2147483647"), ([0, 1, 1], [-100, 10, 1], "target 10"),
      ([0, 1, 1], [-100, -1, 1], "target -1"), ([0, 1, 1], [-100, Int32.min, 1], "target -2147483648"),
      ([0, 1, 2, 3, 4, 5], [1, 1, 1, 1, 1, 1], "6 tokens"), ([0, 1, 1], [-100, -100, -100], "no position"),
      ([], [], "no position"),
    ] as [([Int32], [Int32], String)])
  func refused(tokens: [Int32], targets: [Int32], text: String) {
    #expect {
      try batch(tokens, targets)
    } throws: {
      if case ModelError.batch(let reason) = $0 { reason.contains(text) } else { false }
    }
  }

  @Test("without sequences is refused")
  func empty() {
    #expect(throws: ModelError.self) {
      try Batch([] as [TokenSequence], .live, for: configuration, on: device)
    }
    #expect(throws: ModelError.self) {
      try Batch([] as [Lane], .all, for: configuration, on: device)
    }
  }

  @Test("numbers its rows: live rows up to the last target, output rows at targets")
  func rows() throws {
    let sequences = [
      TokenSequence(tokens: [1, 2, 3, 4], targets: [-100, 5, -100, -100]),
      TokenSequence(tokens: [1, 2], targets: [-100, -100]),
      TokenSequence(tokens: [1, 2, 3], targets: [6, -100, 7]),
    ]
    let live = try Batch(sequences, .live, for: configuration, on: device)
    #expect(live.sequenceRows == [[0..<2, 2..<2, 2..<5]])
    #expect(live.sequenceOutputRows == [[0..<1, 1..<1, 1..<3]])
    #expect(live.rows.rowCount == 5 && live.outputRows.rowCount == 3 && live.longestSequence == 3)
    let all = try Batch(sequences, .all, for: configuration, on: device)
    #expect(all.sequenceRows == [[0..<4, 4..<6, 6..<9]])
    #expect(all.sequenceOutputRows == all.sequenceRows && all.longestSequence == 4)
  }

  @Test(
    "of models without learned positions has no limit on its length",
    arguments: [ModelConfiguration.Positions.none, .rotary])
  func longSequences(positions: ModelConfiguration.Positions) throws {
    var free = configuration
    free.positions = positions
    let model = try Transformer(
      free, parameters: [ParameterLayout(free).randomParameters(seed: 91)], on: device)
    let sequence = randomSequences([70], vocabulary: 10, seed: 92)
    try model.forward(try Batch(sequence, for: free, on: device))
    #expect(try model.readLosses(slots: 0..<1)[0].isFinite)
  }
}
