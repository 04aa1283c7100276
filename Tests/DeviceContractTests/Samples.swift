import Compute
import Foundation

/// The operations of the interface on a device at small sizes: two models with unused rows between them.
struct Samples {
  let device: any Device
  let rows: RowGroups
  private let layout: AttentionLayout
  private let extent = 8
  private let models = 2
  private let width = 6
  private let heads = 3

  init(_ device: any Device) throws {
    self.device = device
    rows = try RowGroups([
      RowGroup(model: 1, firstRow: 1, count: 3), RowGroup(model: 0, firstRow: 5, count: 3),
    ])
    layout = try AttentionLayout(
      [
        AttentionSequence(firstQuery: 1, queryCount: 3, firstKey: 1, keyCount: 3),
        AttentionSequence(firstQuery: 5, queryCount: 3, firstKey: 5, keyCount: 3),
      ], positions: [0, 0, 1, 2, 0, 0, 1, 2])
  }

  func all() throws -> [any OperationSample] {
    try embeddings() + layerNorms() + matmuls() + attentions() + [crossEntropy()] + adams() + moves() + sums()
      + gates() + softCaps()
  }

  private func floats(_ count: Int) throws -> any Buffer {
    try device.makeBuffer((0..<count).map { 0.25 + sin(Float($0)) * sin(Float($0)) })
  }

  private func matrix(_ columns: Int, rows: Int? = nil) throws -> Matrix {
    Matrix(try floats((rows ?? extent) * columns), columns: columns)
  }

  private func parameter(_ rows: Int, _ columns: Int) throws -> Parameter {
    Parameter(
      try floats(models * rows * columns), rows: rows, columns: columns, modelStride: rows * columns)
  }

  /// Zeros and ones, one for each row.
  private func indices(_ count: Int, below bound: Int = 2) throws -> any Buffer {
    try device.makeBuffer((0..<count).map { Int32($0 % bound) })
  }

  private func embeddings() throws -> [any OperationSample] {
    [
      Sample(
        operation: Embedding(
          tokens: try indices(extent), positions: try indices(extent), tokenTable: try parameter(2, width),
          positionTable: try parameter(3, width), output: try matrix(width), rows: rows),
        matrices: [\.output], parameters: [\.tokenTable, \.positionTable!],
        buffers: [\.tokens, \.positions!]),
      Sample(
        operation: EmbeddingBackward(
          tokens: try indices(extent), positions: try indices(extent), outputGradient: try matrix(width),
          tokenTableGradient: try parameter(2, width), positionTableGradient: try parameter(3, width),
          rows: rows),
        matrices: [\.outputGradient], outputs: [\.tokenTableGradient, \.positionTableGradient!],
        buffers: [\.tokens, \.positions!]),
    ]
  }

  private func layerNorms() throws -> [any OperationSample] {
    [
      Sample(
        operation: LayerNorm(
          input: try matrix(width), weight: try parameter(1, width), bias: try parameter(1, width),
          epsilon: 1e-5, output: try matrix(width), statistics: try matrix(2), rows: rows),
        matrices: [\.input, \.output, \.statistics], parameters: [\.weight, \.bias!]),
      Sample(
        operation: LayerNormBackward(
          input: try matrix(width), weight: try parameter(1, width), statistics: try matrix(2),
          outputGradient: try matrix(width), residualGradient: try matrix(width),
          inputGradient: try matrix(width), rows: rows),
        matrices: [\.input, \.statistics, \.outputGradient, \.residualGradient!, \.inputGradient],
        parameters: [\.weight]),
      Sample(
        operation: LayerNormWeightGradient(
          input: try matrix(width), statistics: try matrix(2), outputGradient: try matrix(width),
          weightGradient: try parameter(1, width), biasGradient: try parameter(1, width), rows: rows),
        matrices: [\.input, \.statistics, \.outputGradient], outputs: [\.weightGradient, \.biasGradient]),
      Sample(
        operation: LayerNormGradients(
          LayerNormBackward(
            input: try matrix(width), weight: try parameter(1, width), statistics: try matrix(2),
            outputGradient: try matrix(width), residualGradient: try matrix(width),
            inputGradient: try matrix(width), rows: rows),
          weightGradient: try parameter(1, width), biasGradient: try parameter(1, width)),
        matrices: [
          \.backward.input, \.backward.statistics, \.backward.outputGradient,
          \.backward.residualGradient!, \.backward.inputGradient,
        ], parameters: [\.backward.weight], outputs: [\.weightGradient, \.biasGradient]),
    ]
  }

  private func matmuls() throws -> [any OperationSample] {
    [
      // A product has either a pre-activation or a residual.
      Sample(
        operation: Matmul(
          input: try matrix(width), weight: try parameter(width, 5), bias: try parameter(1, 5),
          activation: .gelu, preActivation: try matrix(5), output: try matrix(5), rows: rows),
        matrices: [\.input, \.preActivation!, \.output], parameters: [\.weight, \.bias!]),
      Sample(
        operation: Matmul(
          input: try matrix(width), weight: try parameter(width, 5), bias: try parameter(1, 5),
          residual: try matrix(5), output: try matrix(5), rows: rows),
        matrices: [\.input, \.residual!, \.output], parameters: [\.weight, \.bias!]),
      Sample(
        operation: MatmulInputGradient(
          outputGradient: try matrix(5), weight: try parameter(width, 5), preActivation: try matrix(width),
          inputGradient: try matrix(width), rows: rows),
        matrices: [\.outputGradient, \.preActivation!, \.inputGradient], parameters: [\.weight]),
      Sample(
        operation: MatmulWeightGradient(
          input: try matrix(width), outputGradient: try matrix(5), weightGradient: try parameter(width, 5),
          biasGradient: try parameter(1, 5), rows: rows),
        matrices: [\.input, \.outputGradient], outputs: [\.weightGradient, \.biasGradient!]),
    ]
  }

  private func attentions() throws -> [any OperationSample] {
    [
      Sample(
        operation: Attention(
          query: try matrix(width), key: try matrix(width), value: try matrix(width), heads: heads,
          output: try matrix(width), logSumExp: try matrix(heads), layout: layout),
        matrices: [\.query, \.key, \.value, \.output, \.logSumExp]),
      Sample(
        operation: AttentionBackward(
          query: try matrix(width), key: try matrix(width), value: try matrix(width), heads: heads,
          output: try matrix(width), logSumExp: try matrix(heads), outputGradient: try matrix(width),
          queryGradient: try matrix(width), keyGradient: try matrix(width), valueGradient: try matrix(width),
          layout: layout),
        matrices: [
          \.query, \.key, \.value, \.output, \.logSumExp, \.outputGradient, \.queryGradient, \.keyGradient,
          \.valueGradient,
        ]),
      // All keys lie in one row.
      Sample(
        operation: Attention(
          query: try matrix(width), key: try matrix(width, rows: 1), value: try matrix(width, rows: 1),
          heads: heads, output: try matrix(width), logSumExp: try matrix(heads), layout: layout,
          keyRows: try KeyRows([Int32](repeating: 0, count: extent))),
        matrices: [\.query, \.output, \.logSumExp], tables: [\.key, \.value]),
      Sample(
        operation: AttentionBackward(
          query: try matrix(width), key: try matrix(width, rows: 1), value: try matrix(width, rows: 1),
          heads: heads, output: try matrix(width), logSumExp: try matrix(heads),
          outputGradient: try matrix(width), queryGradient: try matrix(width),
          keyGradient: try matrix(width), valueGradient: try matrix(width), layout: layout,
          keyRows: try KeyRows([Int32](repeating: 0, count: extent))),
        matrices: [
          \.query, \.output, \.logSumExp, \.outputGradient, \.queryGradient, \.keyGradient, \.valueGradient,
        ], tables: [\.key, \.value]),
      Sample(
        operation: Rotary(
          target: try matrix(width), heads: heads, positions: try indices(extent, below: 1),
          table: try matrix(2, rows: 1), count: extent),
        matrices: [\.target], tables: [\.table], buffers: [\.positions]),
    ]
  }

  private func crossEntropy() throws -> any OperationSample {
    Sample(
      operation: CrossEntropy(
        logits: try matrix(width), targets: try indices(extent), rowWeight: try matrix(1),
        rowLoss: try matrix(1), rowCorrect: try matrix(1), logitsGradient: try matrix(width),
        loss: try parameter(1, 1), rows: rows),
      matrices: [\.logits, \.rowWeight, \.rowLoss, \.rowCorrect, \.logitsGradient!], outputs: [\.loss],
      buffers: [\.targets])
  }

  private func adams() throws -> [any OperationSample] {
    let alone = Adam(
      parameters: try floats(9), gradients: try floats(9), firstMoment: try floats(9),
      secondMoment: try floats(9), count: 9, step: 1)
    // Two models of 17 elements: each has two runs.
    var extended = Adam(
      parameters: try floats(34), gradients: try floats(34), firstMoment: try floats(34),
      secondMoment: try floats(34), count: 34, step: 1)
    (extended.models, extended.weightDecay, extended.clipNorm) = (models, 0.1, 0.5)
    (extended.decayWeights, extended.gradientNorms) = (try floats(2), try floats(2))
    let buffers: [WritableKeyPath<Adam, any Buffer>] = [
      \.parameters, \.gradients, \.firstMoment, \.secondMoment,
    ]
    return [
      Sample(operation: alone, buffers: buffers),
      Sample(operation: extended, buffers: buffers + [\.decayWeights!, \.gradientNorms!]),
    ]
  }

  private func moves() throws -> [any OperationSample] {
    [
      Sample(
        operation: GatherRows(
          input: try matrix(width, rows: 1), indices: try indices(extent, below: 1),
          output: try matrix(width), count: extent),
        matrices: [\.output], tables: [\.input], buffers: [\.indices]),
      // The indices are distinct, so each output row receives one input row.
      Sample(
        operation: ScatterRows(
          input: try matrix(width, rows: 1), indices: try indices(1), output: try matrix(width, rows: 1),
          count: 1),
        tables: [\.input, \.output], buffers: [\.indices]),
      Sample(
        operation: ReplaceRows(
          target: try matrix(width), source: try floats(13),
          replacements: [
            Replacement(rows: 6..<8, columns: 0..<6, sourceOffset: 0, sourceStride: 7),
            Replacement(rows: 0..<3, columns: 2..<3, sourceOffset: nil),
          ]), matrices: [\.target], buffers: [\.source]),
    ]
  }

  private func gates() throws -> [any OperationSample] {
    [
      Sample(
        operation: Gate(
          input: try matrix(width), factor: try matrix(width), activation: .silu, output: try matrix(width),
          count: extent),
        matrices: [\.input, \.factor!, \.output]),
      Sample(
        operation: GateBackward(
          input: try matrix(width), factor: try matrix(width), activation: .silu,
          outputGradient: try matrix(width), inputGradient: try matrix(width),
          factorGradient: try matrix(width), count: extent),
        matrices: [\.input, \.factor!, \.outputGradient, \.inputGradient, \.factorGradient!]),
    ]
  }

  private func softCaps() throws -> [any OperationSample] {
    [
      Sample(
        operation: SoftCap(input: try matrix(width), cap: 2, output: try matrix(width), count: extent),
        matrices: [\.input, \.output]),
      Sample(
        operation: SoftCapBackward(
          output: try matrix(width), cap: 2, outputGradient: try matrix(width),
          inputGradient: try matrix(width), count: extent),
        matrices: [\.output, \.outputGradient, \.inputGradient]),
    ]
  }

  private func sums() throws -> [any OperationSample] {
    [
      Sample(
        operation: SumRows(
          input: try matrix(width, rows: 1), starts: try device.makeBuffer([0, 2, 2, 3] as [Int32]),
          members: try indices(3, below: 1), memberCount: 3, output: try matrix(width, rows: 3), count: 3),
        matrices: [\.output], tables: [\.input], buffers: [\.starts, \.members]),
      Sample(
        operation: Add(
          left: try matrix(width), right: try matrix(width), output: try matrix(width), count: extent),
        matrices: [\.left, \.right, \.output]),
      Sample(
        operation: Scale(input: try matrix(width), factor: 3, output: try matrix(width), count: extent),
        matrices: [\.input, \.output]),
      try widening(), try narrowing(),
      Sample(
        operation: ColumnMeans(input: try matrix(width), output: try matrix(width, rows: 2), rows: rows),
        matrices: [\.input, \.output]),
      Sample(
        operation: SegmentNorms(
          input: try floats(11), segments: [Segment(offset: 1, rows: 2, columns: 4, stride: 6)],
          output: try floats(1)), buffers: [\.input, \.output]),
    ]
  }

  func narrowing() throws -> Sample<Narrow> {
    let words = try device.makeBuffer(count: (extent * width + 1) / 2, .int32)
    return Sample(
      operation: Narrow(
        input: try matrix(width), output: HalfMatrix(words, .float16, columns: width), count: extent),
      matrices: [\.input], buffers: [\.output.words])
  }

  func widening() throws -> Sample<Widen> {
    let words = try device.makeBuffer(count: (extent * width + 1) / 2, .int32)
    return Sample(
      operation: Widen(
        input: HalfMatrix(words, .bfloat16, columns: width), output: try matrix(width), count: extent),
      matrices: [\.output], buffers: [\.input.words])
  }
}
