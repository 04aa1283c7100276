import Compute
import TestSupport
import Testing

/// The caller must keep indices in device memory inside their tables. For an invalid index, a device throws
/// an error or marks the row, and never reads or writes elsewhere.
@Suite("An index outside its table", .serialized) struct IndexTests {
  private static let wild: [Int32] = [-1, 3, .max, .min]

  /// Expects a device that throws to have changed nothing, and any other to have left `marked`.
  private func check(
    _ name: String, on device: any Device, outputs: [any Buffer], marked: [[Float]], _ run: () throws -> Void
  ) throws {
    let before = try outputs.map { try device.read($0).bits }
    do {
      try run()
      try device.synchronize()
      for (output, expected) in zip(outputs, marked) {
        let values = try device.read(output)
        let isMarked = zip(values, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
        #expect(isMarked && values.count == expected.count, "\(name): \(values), expected \(expected)")
      }
    } catch ComputeError.invalid(name, let reason) {
      #expect(reason.contains("lies outside") || reason.contains("below the one before"), "\(reason)")
      let after = try outputs.map { try device.read($0).bits }
      #expect(after == before, "\(name) threw and wrote")
    }
  }

  /// Rows [10, 20], [30, 40], [50, 60] in a larger buffer, whose other elements no index may reach.
  private func table(_ device: any Device) throws -> Matrix {
    try device.matrix([10, 20, 30, 40, 50, 60, -7], columns: 2)
  }

  private func output(_ device: any Device, rows: Int = 3) throws -> Matrix {
    try device.matrix([Float](repeating: 1, count: 2 * rows + 1), columns: 2)
  }

  @Test("gives a row of NaN in gather_rows and rotary", arguments: ContractDevice.all)
  func lookups(device: ContractDevice) throws {
    let device = try device.make()
    for index in Self.wild {
      let indices = try device.makeBuffer([2, index, 0])
      let gathered = try output(device)
      let nan = Float.nan
      try check(
        GatherRows.name, on: device, outputs: [gathered.buffer], marked: [[50, 60, nan, nan, 10, 20, 1]]
      ) {
        try device.gatherRows(
          GatherRows(input: table(device), indices: indices, output: gathered, count: 3))
      }
      let turned = try output(device)
      // Each row has the cosine and sine of one pair: (a, b) = (1, 1) becomes (c − s, s + c).
      let angles = try device.matrix([1, 0, 2, 0, 0, 1, -7], columns: 2)
      try check(
        Rotary.name, on: device, outputs: [turned.buffer], marked: [[-1, 1, nan, nan, 1, 1, 1]]
      ) {
        try device.rotary(
          Rotary(target: turned, heads: 1, positions: indices, table: angles, count: 3))
      }
    }
  }

  @Test(
    "gives a row of NaN in embedding, and its gradient is added nowhere",
    arguments: ContractDevice.all)
  func embeddings(device: ContractDevice) throws {
    let device = try device.make()
    let nan = Float.nan
    let rows = try RowGroups(rows: 3)
    // The table of another model follows, which no index may reach.
    func tables(_ values: [Float]) throws -> Parameter {
      Parameter(try device.makeBuffer(values + values), rows: 3, columns: 2, modelStride: values.count)
    }
    for index in Self.wild {
      for isToken in [true, false] {
        let (bad, good) = (
          try device.makeBuffer([2, index, 0]), try device.makeBuffer([0, 1, 2] as [Int32])
        )
        let (tokens, positions) = isToken ? (bad, good) : (good, bad)
        let looked = try output(device)
        try check(
          Embedding.name, on: device, outputs: [looked.buffer], marked: [[60, 80, nan, nan, 60, 80, 1]]
        ) {
          try device.embedding(
            Embedding(
              tokens: tokens, positions: positions, tokenTable: tables([10, 20, 30, 40, 50, 60]),
              positionTable: tables([10, 20, 30, 40, 50, 60]), output: looked, rows: rows))
        }
        let gradients = [
          try tables([Float](repeating: 7, count: 6)), try tables([Float](repeating: 7, count: 6)),
        ]
        let others: [Float] = [7, 7, 7, 7, 7, 7]
        let (skipped, whole): ([Float], [Float]) = ([5, 6, 0, 0, 1, 2], [1, 2, 3, 4, 5, 6])
        try check(
          EmbeddingBackward.name, on: device, outputs: gradients.map(\.buffer),
          marked: [(isToken ? skipped : whole) + others, (isToken ? whole : skipped) + others]
        ) {
          try device.embeddingBackward(
            EmbeddingBackward(
              tokens: tokens, positions: positions,
              outputGradient: device.matrix([1, 2, 3, 4, 5, 6], columns: 2), tokenTableGradient: gradients[0],
              positionTableGradient: gradients[1], rows: rows))
        }
      }
    }
  }

  @Test("receives nothing in scatter_rows", arguments: ContractDevice.all)
  func scatter(device: ContractDevice) throws {
    let device = try device.make()
    for index in Self.wild {
      let target = try output(device)
      try check(ScatterRows.name, on: device, outputs: [target.buffer], marked: [[51, 61, 1, 1, 11, 21, 1]]) {
        try device.scatterRows(
          ScatterRows(
            input: table(device), indices: device.makeBuffer([2, index, 0]), output: target, count: 3))
      }
    }
  }

  @Test(
    "gives a row of NaN in sum_rows, as a member or as a bound of the list",
    arguments: ContractDevice.all)
  func sums(device: ContractDevice) throws {
    let device = try device.make()
    let nan = Float.nan
    func sum(_ starts: [Int32], _ members: [Int32], _ marked: [Float]) throws {
      let target = try output(device)
      try check(SumRows.name, on: device, outputs: [target.buffer], marked: [marked]) {
        try device.sumRows(
          SumRows(
            input: table(device), starts: device.makeBuffer(starts),
            // Members that no bound may reach follow the list.
            members: device.makeBuffer(members + [0, 0]), memberCount: members.count, output: target, count: 3
          ))
      }
    }
    for index in Self.wild { try sum([0, 1, 3, 3], [2, 0, index], [50, 60, nan, nan, 0, 0, 1]) }
    try sum([0, 1, 0, 2], [2, 0], [50, 60, nan, nan, 60, 80, 1])
    try sum([0, 2, 1, 2], [2, 0], [60, 80, nan, nan, 10, 20, 1])
    try sum([-1, 1, 1, 2], [2, 0], [nan, nan, 0, 0, 10, 20, 1])
    try sum([0, 1, 1, 3], [2, 0], [50, 60, 0, 0, nan, nan, 1])
  }

  @Test(
    "gives NaN as loss and gradient if it is a target, and no correct row", arguments: ContractDevice.all)
  func targets(device: ContractDevice) throws {
    let device = try device.make()
    let nan = Float.nan
    for target in [2, 3, Int32.max] {
      let gradient = try output(device)
      let (rowLoss, rowCorrect) = (
        try device.matrix([5, 5, 5], columns: 1), try device.matrix([5, 5, 5], columns: 1)
      )
      let loss = Parameter(try device.makeBuffer([5] as [Float]), rows: 1, columns: 1)
      try check(
        CrossEntropy.name, on: device,
        outputs: [gradient.buffer, rowCorrect.buffer, loss.buffer],
        marked: [[0, 0, nan, nan, -0.25, 0.25, 1], [0, 0, 1], [nan]]
      ) {
        try device.crossEntropy(
          CrossEntropy(
            logits: device.matrix([3, 3, 3, 3, 3, 3], columns: 2),
            targets: device.makeBuffer([-100, target, 0]),
            rowWeight: device.matrix([1, 1, 0.5], columns: 1), rowLoss: rowLoss, rowCorrect: rowCorrect,
            logitsGradient: gradient, loss: loss, rows: RowGroups(rows: 3)))
      }
    }
  }

  @Test("is ignored in a row that belongs to no model", arguments: ContractDevice.all)
  func gaps(device: ContractDevice) throws {
    let device = try device.make()
    let rows = try RowGroups([RowGroup(firstRow: 1, count: 1)])
    let wild = try device.makeBuffer([Int32.max, 1] as [Int32])
    let looked = try output(device, rows: 2)
    let table = Parameter(try device.makeBuffer([10, 20, 30, 40] as [Float]), rows: 2, columns: 2)
    try device.embedding(
      Embedding(
        tokens: wild, positions: wild, tokenTable: table, positionTable: table, output: looked, rows: rows))
    #expect(try device.read(looked.buffer) == [1, 1, 60, 80, 1])
    try device.embeddingBackward(
      EmbeddingBackward(tokens: wild, outputGradient: looked, tokenTableGradient: table, rows: rows))
    #expect(try device.read(table.buffer) == [0, 0, 60, 80])
    let column = try device.matrix([1, 1], columns: 1)
    try device.crossEntropy(
      CrossEntropy(
        logits: looked, targets: wild, rowWeight: device.matrix([1, 1], columns: 1), rowLoss: column,
        rowCorrect: device.matrix([1, 1], columns: 1),
        loss: Parameter(device.makeBuffer(count: 1), rows: 1, columns: 1), rows: rows))
    #expect(try device.read(column.buffer)[1].isFinite)
  }
}
