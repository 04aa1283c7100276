import Compute
import Foundation
import RandomStreams
import TestSupport
import Testing

/// All models of an ensemble, or one of them alone with the same operands, seen from its first row and its
/// own parameters.
struct Stage {
  /// The number of rows of each model: less than a register tile, more than a cache block, one, more than a
  /// depth block.
  static let counts = [7, 150, 1, 600]
  static let extent = counts.reduce(0, +) + gap * counts.count

  /// The number of rows without a model before each model's rows.
  static let gap = 2

  let model: Int?
  let rows: RowGroups

  init(model: Int?) throws {
    self.model = model
    if let model {
      rows = try RowGroups(rows: Self.counts[model])
    } else {
      rows = try RowGroups(
        Self.counts.indices.map { RowGroup(model: $0, firstRow: Self.firstRow($0), count: Self.counts[$0]) })
    }
  }

  static func firstRow(_ model: Int) -> Int { counts[..<model].reduce(0, +) + gap * (model + 1) }

  private var firstRow: Int { model.map(Self.firstRow) ?? 0 }

  func matrix(_ buffer: any Buffer, _ columns: Int) -> Matrix {
    Matrix(buffer, columns: columns, offset: firstRow * columns)
  }

  func parameter(_ buffer: any Buffer, _ rows: Int, _ columns: Int) -> Parameter {
    Parameter(
      buffer, rows: rows, columns: columns, offset: (model ?? 0) * rows * columns,
      modelStride: model == nil ? rows * columns : 0)
  }

  /// The part of a list of row values that belongs to the models.
  func slice(_ values: [Int32]) -> [Int32] { Array(values[firstRow..<firstRow + rows.extent]) }

  /// The rows of each model, cut into sequences of up to 11.
  func layout() throws -> AttentionLayout {
    var sequences: [AttentionSequence] = []
    var positions = [Int32](repeating: 0, count: rows.extent)
    for group in rows.groups {
      var first = group.firstRow
      while first < group.firstRow + group.count {
        let count = min(1 + (first - group.firstRow) % 11, group.firstRow + group.count - first)
        sequences.append(
          AttentionSequence(firstQuery: first, queryCount: count, firstKey: first, keyCount: count))
        for index in 0..<count { positions[first + index] = Int32(index) }
        first += count
      }
    }
    return try AttentionLayout(sequences, positions: positions)
  }
}

/// An output of an operation, and the number of elements for each row or model.
private struct Output {
  var buffer: any Buffer
  var columns: Int?
  var elementsPerModel: Int?

  static func matrix(_ buffer: any Buffer, _ columns: Int) -> Output {
    Output(buffer: buffer, columns: columns)
  }
  static func parameter(_ buffer: any Buffer, _ count: Int) -> Output {
    Output(buffer: buffer, elementsPerModel: count)
  }

  func range(_ model: Int) -> Range<Int> {
    if let columns {
      let first = Stage.firstRow(model)
      return first * columns..<(first + Stage.counts[model]) * columns
    }
    let count = elementsPerModel ?? 0
    return model * count..<(model + 1) * count
  }
}

/// A device with seeded numbers, and the outputs to be compared on it.
private final class EnsembleLab {
  let device: any Device
  let models = Stage.counts.count
  private var stream = CounterStream(seed: 21, purpose: .validation)

  init(_ device: ContractDevice) throws { self.device = try device.make() }

  func random(_ count: Int) throws -> any Buffer { try device.makeBuffer(stream.normal(count: count)) }

  /// An output buffer, whose unwritten elements stay NaN.
  func poison(_ count: Int) throws -> any Buffer {
    try device.makeBuffer([Float](repeating: .nan, count: count))
  }

  func integers(_ count: Int, below bound: Int) -> [Int32] {
    (0..<count).map { _ in Int32(stream.integer(in: 0..<bound)) }
  }

  func rows(_ columns: Int) throws -> any Buffer { try random(Stage.extent * columns) }
  func rowOutput(_ columns: Int) throws -> any Buffer { try poison(Stage.extent * columns) }

  /// Runs the ensemble, then each model alone on poisoned outputs.
  func check(_ outputs: [Output], _ run: (Stage) throws -> Void) throws {
    try run(Stage(model: nil))
    let together = try outputs.map { try device.read($0.buffer) }
    for model in 0..<models {
      for output in outputs {
        let poison = [Float](repeating: .nan, count: output.buffer.count)
        try device.write(poison, to: output.buffer, at: 0)
      }
      try run(Stage(model: model))
      for (index, (output, together)) in zip(outputs, together).enumerated() {
        let range = output.range(model)
        #expect(!together[range].contains { $0.isNaN }, "model \(model), output \(index)")
        let alone = try device.read(output.buffer, range)
        #expect(alone.bits == together[range].bits, "model \(model), output \(index)")
      }
    }
  }
}

@Suite("A model has the same results in an ensemble as alone, bit for bit", .serialized)
struct EnsembleTests {
  private static let shapes = [(93, 40), (5, 17), (33, 97), (300, 333)]

  @Test("in a matmul with bias, with GELU and with a residual", arguments: ContractDevice.all, shapes)
  func matmul(device: ContractDevice, shape: (depth: Int, width: Int)) throws {
    let (lab, depth, width) = (try EnsembleLab(device), shape.depth, shape.width)
    let models = lab.models
    let (input, weight, bias) = (
      try lab.rows(depth), try lab.random(models * depth * width), try lab.random(models * width)
    )
    let (residual, plain, pre, post, sum) = (
      try lab.rows(width), try lab.rowOutput(width), try lab.rowOutput(width), try lab.rowOutput(width),
      try lab.rowOutput(width)
    )
    try lab.check([plain, pre, post, sum].map { .matrix($0, width) }) { stage in
      var operation = Matmul(
        input: stage.matrix(input, depth), weight: stage.parameter(weight, depth, width),
        output: stage.matrix(plain, width), rows: stage.rows)
      try lab.device.matmul(operation)
      operation.bias = stage.parameter(bias, 1, width)
      operation.activation = .gelu
      operation.preActivation = stage.matrix(pre, width)
      operation.output = stage.matrix(post, width)
      try lab.device.matmul(operation)
      (operation.activation, operation.preActivation) = (.identity, nil)
      operation.residual = stage.matrix(residual, width)
      operation.output = stage.matrix(sum, width)
      try lab.device.matmul(operation)
    }
  }

  @Test("in the gradients of a matmul's input, weight and bias", arguments: ContractDevice.all, shapes)
  func matmulGradients(device: ContractDevice, shape: (depth: Int, width: Int)) throws {
    let (lab, depth, width) = (try EnsembleLab(device), shape.depth, shape.width)
    let models = lab.models
    let (input, pre, outputGradient) = (try lab.rows(depth), try lab.rows(depth), try lab.rows(width))
    let weight = try lab.random(models * depth * width)
    let (inputGradient, weightGradient, biasGradient) = (
      try lab.rowOutput(depth), try lab.poison(models * depth * width), try lab.poison(models * width)
    )
    try lab.check([
      .matrix(inputGradient, depth), .parameter(weightGradient, depth * width),
      .parameter(biasGradient, width),
    ]) { stage in
      try lab.device.matmulInputGradient(
        MatmulInputGradient(
          outputGradient: stage.matrix(outputGradient, width), weight: stage.parameter(weight, depth, width),
          preActivation: stage.matrix(pre, depth), inputGradient: stage.matrix(inputGradient, depth),
          rows: stage.rows))
      try lab.device.matmulWeightGradient(
        MatmulWeightGradient(
          input: stage.matrix(input, depth), outputGradient: stage.matrix(outputGradient, width),
          weightGradient: stage.parameter(weightGradient, depth, width),
          biasGradient: stage.parameter(biasGradient, 1, width), rows: stage.rows))
    }
  }

  @Test("in layer norm and its gradients", arguments: ContractDevice.all, [40, 93])
  func layerNorm(device: ContractDevice, width: Int) throws {
    let lab = try EnsembleLab(device)
    let models = lab.models
    let (input, outputGradient, residual) = (try lab.rows(width), try lab.rows(width), try lab.rows(width))
    let (weight, bias) = (try lab.random(models * width), try lab.random(models * width))
    let (output, statistics, inputGradient) = (
      try lab.rowOutput(width), try lab.rowOutput(2), try lab.rowOutput(width)
    )
    let (weightGradient, biasGradient) = (try lab.poison(models * width), try lab.poison(models * width))
    try lab.check([
      .matrix(output, width), .matrix(statistics, 2), .matrix(inputGradient, width),
      .parameter(weightGradient, width), .parameter(biasGradient, width),
    ]) { stage in
      let x = stage.matrix(input, width)
      let (kept, dy) = (stage.matrix(statistics, 2), stage.matrix(outputGradient, width))
      try lab.device.layerNorm(
        LayerNorm(
          input: x, weight: stage.parameter(weight, 1, width), bias: stage.parameter(bias, 1, width),
          epsilon: 1e-5, output: stage.matrix(output, width), statistics: kept, rows: stage.rows))
      try lab.device.layerNormBackward(
        LayerNormBackward(
          input: x, weight: stage.parameter(weight, 1, width), statistics: kept, outputGradient: dy,
          residualGradient: stage.matrix(residual, width), inputGradient: stage.matrix(inputGradient, width),
          rows: stage.rows))
      try lab.device.layerNormWeightGradient(
        LayerNormWeightGradient(
          input: x, statistics: kept, outputGradient: dy,
          weightGradient: stage.parameter(weightGradient, 1, width),
          biasGradient: stage.parameter(biasGradient, 1, width), rows: stage.rows))
    }
  }

  private static let attentions = [
    (3, 13, AttentionScores()), (2, 16, AttentionScores()), (3, 13, AttentionScores(cap: 1, window: 4)),
  ]

  @Test("in attention and its gradients", arguments: ContractDevice.all, attentions)
  func attention(device: ContractDevice, shape: (heads: Int, headWidth: Int, scores: AttentionScores)) throws
  {
    let (lab, heads, headWidth) = (try EnsembleLab(device), shape.heads, shape.headWidth)
    let width = heads * headWidth
    let (q, k, v, dz) = (try lab.rows(width), try lab.rows(width), try lab.rows(width), try lab.rows(width))
    let (z, logSumExp) = (try lab.rowOutput(width), try lab.rowOutput(heads))
    let (dq, dk, dv) = (try lab.rowOutput(width), try lab.rowOutput(width), try lab.rowOutput(width))
    try lab.check(
      [.matrix(z, width), .matrix(logSumExp, heads)] + [dq, dk, dv].map { .matrix($0, width) }
    ) { stage in
      func matrix(_ buffer: any Buffer) -> Matrix { stage.matrix(buffer, width) }
      let layout = try stage.layout()
      try lab.device.attention(
        Attention(
          query: matrix(q), key: matrix(k), value: matrix(v), heads: heads, output: matrix(z),
          logSumExp: stage.matrix(logSumExp, heads), layout: layout, scores: shape.scores))
      try lab.device.attentionBackward(
        AttentionBackward(
          query: matrix(q), key: matrix(k), value: matrix(v), heads: heads, output: matrix(z),
          logSumExp: stage.matrix(logSumExp, heads), outputGradient: matrix(dz), queryGradient: matrix(dq),
          keyGradient: matrix(dk), valueGradient: matrix(dv), layout: layout, scores: shape.scores))
    }
  }

  @Test("in cross-entropy", arguments: ContractDevice.all)
  func crossEntropy(device: ContractDevice) throws {
    let lab = try EnsembleLab(device)
    let models = lab.models
    let width = 31
    let targets = lab.integers(Stage.extent, below: width + 4).map { $0 < width ? $0 : -100 }
    let (logits, weights) = (try lab.rows(width), try lab.rows(1))
    let (rowLoss, rowCorrect, gradient, loss) = (
      try lab.rowOutput(1), try lab.rowOutput(1), try lab.rowOutput(width), try lab.poison(models)
    )
    try lab.check([
      .matrix(rowLoss, 1), .matrix(rowCorrect, 1), .matrix(gradient, width), .parameter(loss, 1),
    ]) {
      stage in
      try lab.device.crossEntropy(
        CrossEntropy(
          logits: stage.matrix(logits, width), targets: try lab.device.makeBuffer(stage.slice(targets)),
          rowWeight: stage.matrix(weights, 1), rowLoss: stage.matrix(rowLoss, 1),
          rowCorrect: stage.matrix(rowCorrect, 1), logitsGradient: stage.matrix(gradient, width),
          loss: stage.parameter(loss, 1, 1), rows: stage.rows))
    }
  }

  @Test("in a clipped step of AdamW", arguments: ContractDevice.all, [16, 93, 20_000])
  func adam(device: ContractDevice, count: Int) throws {
    let lab = try EnsembleLab(device)
    let models = lab.models
    func copies(_ values: any Buffer) throws -> [Float] { try lab.device.read(values) }
    let initial = try (0..<3).map { _ in try copies(lab.random(models * count)) }
    let gradients = try lab.random(models * count)
    let norms: [Float] = [0.5, 2, 3, 100]
    let runs = (count + 15) / 16
    let weights = try lab.device.makeBuffer((0..<runs).map { Float($0 % 2) })
    let buffers = try initial.map { try lab.device.makeBuffer($0) }
    try lab.check(buffers.map { .parameter($0, count) }) { stage in
      // A model alone has the operands of an ensemble of one at the beginning of the buffers.
      let first = (stage.model ?? 0) * count
      let whole = stage.model == nil ? models * count : count
      func operand(_ values: [Float]) throws -> any Buffer {
        try lab.device.makeBuffer(Array(values[first..<first + whole]))
      }
      let own = try initial.enumerated().map { index, values in
        try operand(index == 2 ? values.map { $0 * $0 } : values)
      }
      var operation = Adam(
        parameters: own[0], gradients: try operand(copies(gradients)), firstMoment: own[1],
        secondMoment: own[2], count: whole, step: 3)
      (operation.weightDecay, operation.decayWeights, operation.clipNorm) = (0.3, weights, 1)
      operation.models = stage.model == nil ? models : 1
      operation.gradientNorms = try lab.device.makeBuffer(
        stage.model.map { [norms[$0]] } ?? norms)
      try lab.device.adam(operation)
      for (buffer, result) in zip(buffers, own) {
        try lab.device.copy(from: result, 0..<whole, to: buffer, at: first)
      }
    }
  }

  @Test("in the gradient of the embedding", arguments: ContractDevice.all)
  func embedding(device: ContractDevice) throws {
    let lab = try EnsembleLab(device)
    let models = lab.models
    let (width, vocabulary, context) = (37, 19, 12)
    let (tokens, positions) = (
      lab.integers(Stage.extent, below: vocabulary), lab.integers(Stage.extent, below: context)
    )
    let gradient = try lab.rows(width)
    let (token, position) = (
      try lab.poison(models * vocabulary * width), try lab.poison(models * context * width)
    )
    try lab.check([.parameter(token, vocabulary * width), .parameter(position, context * width)]) { stage in
      try lab.device.embeddingBackward(
        EmbeddingBackward(
          tokens: try lab.device.makeBuffer(stage.slice(tokens)),
          positions: try lab.device.makeBuffer(stage.slice(positions)),
          outputGradient: stage.matrix(gradient, width),
          tokenTableGradient: stage.parameter(token, vocabulary, width),
          positionTableGradient: stage.parameter(position, context, width), rows: stage.rows))
    }
  }
}
