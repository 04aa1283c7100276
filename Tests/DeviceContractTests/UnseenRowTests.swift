import Compute
import Foundation
import TestSupport
import Testing

/// The results of attention and its backward for one sequence when some rows are not finite. Rows are keys
/// and queries.
private struct AttentionRun {
  enum Operand: CaseIterable { case query, key, value, outputGradient }

  static let heads = 2
  let headWidth: Int
  let positions: [Int32]
  let keys: Int
  private var width: Int { Self.heads * headWidth }
  private(set) var output: [Float] = []
  private(set) var logSumExp: [Float] = []
  private(set) var queryGradient: [Float] = []
  private(set) var keyGradient: [Float] = []
  private(set) var valueGradient: [Float] = []

  /// - Parameters:
  ///   - keys: the number of keys of the sequence.
  ///   - positions: the positions of its queries.
  ///   - poison: the value that fills row `row` of an operand.
  init(
    headWidth: Int, keys: Int, positions: [Int32], scores: AttentionScores = AttentionScores(),
    on device: any Device,
    poison: (operand: Operand, row: Int, value: Float)? = nil
  ) throws {
    (self.headWidth, self.keys, self.positions) = (headWidth, keys, positions)
    let width = Self.heads * headWidth
    func matrix(_ operand: Operand?, _ rows: Int, _ phase: Float) throws -> Matrix {
      let values = (0..<rows * width).map { index in
        if let poison, poison.operand == operand, index / width == poison.row { return poison.value }
        return sin(Float(index) * 0.3 + phase)
      }
      return Matrix(try device.makeBuffer(values), columns: width)
    }
    let layout = try AttentionLayout(
      [AttentionSequence(firstQuery: 0, queryCount: positions.count, firstKey: 0, keyCount: keys)],
      positions: positions)
    let (q, k) = (try matrix(.query, positions.count, 0), try matrix(.key, keys, 1))
    let (v, dz) = (try matrix(.value, keys, 2), try matrix(.outputGradient, positions.count, 3))
    let z = try matrix(nil, positions.count, 4)
    let lse = Matrix(try device.makeBuffer(count: positions.count * Self.heads), columns: Self.heads)
    let (dq, dk, dv) = (
      try matrix(nil, positions.count, 5), try matrix(nil, keys, 6), try matrix(nil, keys, 7)
    )
    try device.attention(
      Attention(
        query: q, key: k, value: v, heads: Self.heads, output: z, logSumExp: lse, layout: layout,
        scores: scores))
    try device.attentionBackward(
      AttentionBackward(
        query: q, key: k, value: v, heads: Self.heads, output: z, logSumExp: lse, outputGradient: dz,
        queryGradient: dq, keyGradient: dk, valueGradient: dv, layout: layout, scores: scores))
    output = try device.read(z.buffer)
    logSumExp = try device.read(lse.buffer)
    queryGradient = try device.read(dq.buffer)
    keyGradient = try device.read(dk.buffer)
    valueGradient = try device.read(dv.buffer)
  }

  /// The output, the log-sum-exp and the gradient of a query.
  func query(_ row: Int) -> Bits {
    (output[row * width..<(row + 1) * width] + logSumExp[row * Self.heads..<(row + 1) * Self.heads]
      + queryGradient[row * width..<(row + 1) * width]).bits
  }

  /// The gradients of a key and its value.
  func key(_ row: Int) -> Bits {
    (keyGradient[row * width..<(row + 1) * width] + valueGradient[row * width..<(row + 1) * width]).bits
  }
}

@Suite("A row that is not finite affects no row that does not see it", .serialized)
struct UnseenRowTests {
  /// Positions of queries: all, those in the second half, and every third.
  private static let positions: [[Int32]] = [
    Array(0..<21), Array(10..<21), Array(stride(from: 0, to: 21, by: 3)),
  ]
  private static let keys = 21

  @Test("if it is a key or value: no earlier query changes", arguments: ContractDevice.all, [5, 16])
  func keys(device: ContractDevice, headWidth: Int) throws {
    let device = try device.make()
    for positions in Self.positions {
      let clean = try AttentionRun(
        headWidth: headWidth, keys: Self.keys, positions: positions, on: device)
      for (row, value) in zip([1, 2, 3, 7, 12, 15, 16, 18, 20], [Float.infinity, .nan, -.infinity].cycled) {
        for operand in [AttentionRun.Operand.key, .value] {
          let spoiled = try AttentionRun(
            headWidth: headWidth, keys: Self.keys, positions: positions, on: device,
            poison: (operand, row, value))
          for (query, position) in positions.enumerated() where position < row {
            #expect(spoiled.query(query) == clean.query(query), "\(operand) \(row), query \(query), \(value)")
          }
        }
      }
    }
  }

  @Test(
    "if it is a query or its gradient: no other query and no later key changes",
    arguments: ContractDevice.all, [5, 16])
  func queries(device: ContractDevice, headWidth: Int) throws {
    let device = try device.make()
    for positions in Self.positions {
      let clean = try AttentionRun(
        headWidth: headWidth, keys: Self.keys, positions: positions, on: device)
      for (row, value) in zip(positions.indices, [Float.nan, .infinity].cycled) {
        for operand in [AttentionRun.Operand.query, .outputGradient] {
          let spoiled = try AttentionRun(
            headWidth: headWidth, keys: Self.keys, positions: positions, on: device,
            poison: (operand, row, value))
          for query in positions.indices where query != row {
            #expect(spoiled.query(query) == clean.query(query), "\(operand) \(row), query \(query), \(value)")
          }
          for key in Int(positions[row]) + 1..<Self.keys {
            #expect(spoiled.key(key) == clean.key(key), "\(operand) \(row), key \(key), \(value)")
          }
        }
      }
    }
  }

  @Test(
    "if it is a key or value before a query's window, or a query whose window begins after a key",
    arguments: ContractDevice.all, [1, 2, 6, 17])
  func windows(device: ContractDevice, window: Int) throws {
    let device = try device.make()
    let scores = AttentionScores(cap: 2, window: window)
    for positions in Self.positions {
      func run(_ poison: (AttentionRun.Operand, Int, Float)?) throws -> AttentionRun {
        try AttentionRun(
          headWidth: 5, keys: Self.keys, positions: positions, scores: scores, on: device, poison: poison)
      }
      let clean = try run(nil)
      for (row, value) in zip([0, 1, 3, 8, 15, 16], [Float.infinity, .nan, -.infinity].cycled) {
        for operand in [AttentionRun.Operand.key, .value] {
          let spoiled = try run((operand, row, value))
          for (query, position) in positions.enumerated()
          where !scores.keys(seenFrom: Int(position)).contains(row) {
            #expect(spoiled.query(query) == clean.query(query), "\(operand) \(row), query \(query), \(value)")
          }
        }
      }
      for (row, value) in zip(positions.indices, [Float.nan, .infinity].cycled) {
        for operand in [AttentionRun.Operand.query, .outputGradient] {
          let spoiled = try run((operand, row, value))
          for key in 0..<Self.keys where !scores.keys(seenFrom: Int(positions[row])).contains(key) {
            #expect(spoiled.key(key) == clean.key(key), "\(operand) \(row), key \(key), \(value)")
          }
        }
      }
    }
  }

  /// Every other operation works row by row, so an input row that is not finite affects only its own output
  /// row.
  @Test("if it is a row of any other operation: no other row changes", arguments: ContractDevice.all)
  func rows(device: ContractDevice) throws {
    let device = try device.make()
    func check(_ sample: some OperationSample) throws {
      guard ![Attention.name, AttentionBackward.name].contains(sample.name),
        let first = sample.matrices.first,
        sample.outputs.isEmpty || sample.name == CrossEntropy.name, sample.name != ColumnMeans.name
      else { return }
      try sample.run(on: device) { _ in }
      let clean = try sample.matrices.map { try device.read(sample.operation[keyPath: $0].buffer) }
      let input = sample.operation[keyPath: first]
      let spoiled = [Float](repeating: .infinity, count: input.columns)
      try device.write(spoiled, to: input.buffer, at: 2 * input.stride)
      try sample.run(on: device) { _ in }
      for (place, before) in zip(sample.matrices, clean).dropFirst() {
        let matrix = sample.operation[keyPath: place]
        let after = try device.read(matrix.buffer)
        for row in 0..<matrix.buffer.count / matrix.columns where row != 2 {
          let range = row * matrix.columns..<(row + 1) * matrix.columns
          #expect(after[range] == before[range], "\(sample.name), \(place), row \(row)")
        }
      }
    }
    for sample in try Samples(device).all() { try check(sample) }
  }
}

extension Array {
  /// Its elements, again and again.
  fileprivate var cycled: some Sequence<Element> {
    sequence(state: 0) { index in
      defer { index = (index + 1) % count }
      return self[index]
    }
  }
}
