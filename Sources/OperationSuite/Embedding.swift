import Compute

/// The sizes of an embedding: two tables and the rows that read them.
private struct EmbeddingShape: Sendable, CustomStringConvertible {
  var plan: RowPlan
  var vocabulary: Int
  var width: Int
  /// The number of rows of the position table; nil without one.
  var context: Int?
  var placement = Placement.plain

  var description: String {
    "\(plan), \(vocabulary)×\(width)\(context.map { ", positions \($0)" } ?? "")\(placement)"
  }

  static let quick = [
    EmbeddingShape(plan: .ragged, vocabulary: 31, width: 40, context: 32, placement: .odd),
    EmbeddingShape(plan: .holed, vocabulary: 104, width: 128),
  ]
  static let thorough = [
    EmbeddingShape(plan: .rows(200), vocabulary: 104, width: 128),
    EmbeddingShape(plan: .rows(200), vocabulary: 104, width: 128, context: 32, placement: .aligned),
    EmbeddingShape(plan: .rows(1), vocabulary: 1, width: 1),
    EmbeddingShape(plan: .rows(7), vocabulary: 16, width: 33, context: 7, placement: .odder),
    EmbeddingShape(plan: .rows(130), vocabulary: 2, width: 93, context: 3, placement: .odd),
    EmbeddingShape(plan: .holed, vocabulary: 7, width: 16, context: 33, placement: .odder),
    EmbeddingShape(plan: .none, vocabulary: 7, width: 16, context: 5),
    // Lists of rows that go on over several chunks, and more entries than a dimension of a grid has groups.
    EmbeddingShape(plan: .tall, vocabulary: 5, width: 7, context: 300, placement: .odd),
    EmbeddingShape(plan: .rows(300), vocabulary: 66_000, width: 128),
  ]
  static let study = [
    EmbeddingShape(plan: .rows(1024), vocabulary: 104, width: 128),
    EmbeddingShape(plan: .benchmarkEnsemble, vocabulary: 104, width: 128, context: 32),
    EmbeddingShape(plan: .rows(512), vocabulary: 104, width: 768, context: 128),
  ]
  static let large = [(50_257, 768), (151_936, 768), (50_257, 4096)].map {
    EmbeddingShape(plan: .rows(1024), vocabulary: $0, width: $1)
  }

  /// The number of elements of all operands, including the indices.
  var elements: Int {
    plan.rowCount * (width + (context == nil ? 1 : 2)) + plan.models * (vocabulary + (context ?? 0)) * width
  }

  func tokens(_ bench: Workbench) throws -> any Buffer {
    try bench.indices(bench.generator.indices(plan.extent, below: vocabulary))
  }

  func positions(_ bench: Workbench) throws -> (any Buffer)? {
    try context.map { try bench.indices(bench.generator.indices(plan.extent, below: $0)) }
  }
}

extension OperationSuite {
  static let embedding = OperationDescriptor(
    Embedding.name, quick: EmbeddingShape.quick.map(forward), thorough: EmbeddingShape.thorough.map(forward),
    benchmarks: EmbeddingShape.study.map(forward))

  static let embeddingBackward = OperationDescriptor(
    EmbeddingBackward.name, quick: EmbeddingShape.quick.map(backward),
    thorough: EmbeddingShape.thorough.map(backward), benchmarks: EmbeddingShape.study.map(backward),
    large: EmbeddingShape.large.map(backward))

  /// Bound: a copy is exact; with positions there is one addition.
  @Sendable private static func forward(_ shape: EmbeddingShape) -> OperationCase {
    OperationCase(
      operation: Embedding.name, shape: "\(shape)",
      flops: shape.context == nil ? 0 : shape.plan.rowCount * shape.width, elements: shape.elements
    ) { bench in
      let (plan, width, placement) = (shape.plan, shape.width, shape.placement)
      let operation = Embedding(
        tokens: try shape.tokens(bench), positions: try shape.positions(bench),
        tokenTable: try bench.parameter(
          "token table", plan, rows: shape.vocabulary, columns: width, placement),
        positionTable: try shape.context.map {
          try bench.parameter("position table", plan, rows: $0, columns: width, placement)
        },
        output: try bench.output(
          "output", plan, columns: width, placement, bound: shape.context == nil ? 0 : Rounding.bound(1)),
        rows: try plan.make())
      return { try bench.device.embedding(operation) }
    }
  }

  /// Bound: a table row is a sum over at most all rows of its model. Gradients with mean ½ keep a table of
  /// one element away from zero.
  @Sendable private static func backward(_ shape: EmbeddingShape) -> OperationCase {
    OperationCase(
      operation: EmbeddingBackward.name, shape: "\(shape)",
      flops: shape.plan.rowCount * shape.width * (shape.context == nil ? 1 : 2), elements: shape.elements
    ) { bench in
      let (plan, width, placement) = (shape.plan, shape.width, shape.placement)
      let bound = Rounding.bound(Rounding.sum(plan.longestSum))
      let operation = EmbeddingBackward(
        tokens: try shape.tokens(bench), positions: try shape.positions(bench),
        outputGradient: try bench.input("output gradient", plan, columns: width, placement, mean: 0.5),
        tokenTableGradient: try bench.parameterOutput(
          "token table gradient", plan, rows: shape.vocabulary, columns: width, placement, bound: bound),
        positionTableGradient: try shape.context.map {
          try bench.parameterOutput(
            "position table gradient", plan, rows: $0, columns: width, placement, bound: bound)
        },
        rows: try plan.make())
      return { try bench.device.embeddingBackward(operation) }
    }
  }
}
