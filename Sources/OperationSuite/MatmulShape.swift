/// The sizes of a matmul, K→N, and its epilogue. The three operations share the list. For the gradients,
/// `gelu` is the GELU *before* the matmul's input, and whether a forward keeps its argument does not matter.
struct MatmulShape: Sendable, CustomStringConvertible {
  var plan: RowPlan
  var k: Int
  var n: Int
  var epilogue: Epilogue
  var placement = Placement.plain
  /// The placement of weight and bias, if it differs: columns of a wider tensor.
  var weightPlacement: Placement?

  enum Epilogue: String, Sendable, CaseIterable {
    case none = ""
    case bias = ", bias"
    /// With the argument of the GELU kept for a backward.
    case gelu = ", bias, GELU"
    case geluAlone = ", bias, GELU alone"
    case residual = ", bias, residual"
    /// The output overwrites the residual.
    case residualInPlace = ", bias, residual in place"
  }

  var weights: Placement { weightPlacement ?? placement }

  var description: String {
    let view = weightPlacement.map { ", columns \($0.offset)..<\($0.offset + n) of \(n + $0.padding)" } ?? ""
    return "\(plan), \(k)→\(n)\(epilogue.rawValue)\(placement)\(view)"
  }

  static let quick = [
    MatmulShape(plan: .ragged, k: 93, n: 40, epilogue: .residual, placement: .odd),
    MatmulShape(plan: .holed, k: 33, n: 93, epilogue: .gelu),
    MatmulShape(plan: .rows(64), k: 128, n: 128, epilogue: .residualInPlace),
    MatmulShape(plan: .rows(19), k: 16, n: 41, epilogue: .geluAlone, placement: .odd),
    // Whole vectors that fill neither a tile nor a slab.
    MatmulShape(plan: .ragged, k: 100, n: 36, epilogue: .gelu),
    MatmulShape(plan: .rows(150), k: 20, n: 12, epilogue: .bias),
  ]

  static let thorough = sizes + ensembles + studySizes(.rows(200)) + edges

  static let benchmarks =
    studySizes(.rows(1024)) + [
      MatmulShape(plan: .rows(1024), k: 128, n: 512, epilogue: .geluAlone),
      MatmulShape(plan: .benchmarkEnsemble, k: 128, n: 512, epilogue: .gelu),
      MatmulShape(plan: .rows(512), k: 768, n: 2304, epilogue: .bias),
      MatmulShape(plan: .rows(512), k: 768, n: 768, epilogue: .residualInPlace),
      MatmulShape(plan: .rows(512), k: 768, n: 3072, epilogue: .gelu),
      MatmulShape(plan: .rows(512), k: 3072, n: 768, epilogue: .residual),
      MatmulShape(plan: .rows(512), k: 768, n: 104, epilogue: .bias),
    ]

  /// For the gradients, the GELU precedes the second matmul of an MLP instead of following the first.
  static let gradientBenchmarks = benchmarks.map { shape in
    var shape = shape
    if shape.epilogue == .gelu {
      shape.epilogue = .bias
    } else if shape.k > shape.n, shape.n > 104 {
      shape.epilogue = .gelu
    }
    return shape
  }

  /// Every size as the number of rows, as K and as N, with epilogues and placements in turn.
  private static let sizes: [MatmulShape] = {
    let sizes = [1, 7, 16, 33, 93, 128]
    return sizes.indices.flatMap { index in
      [1, 2].map { step in
        MatmulShape(
          plan: .rows(sizes[index]), k: sizes[(index + step) % 6], n: sizes[(index + 2 * step) % 6],
          epilogue: Epilogue.allCases[(2 * index + step) % 6], placement: Placement.all[(index + step) % 4])
      }
    }
  }()

  private static let ensembles = Epilogue.allCases.enumerated().flatMap { index, epilogue in
    [
      MatmulShape(plan: .ragged, k: 40, n: 93, epilogue: epilogue, placement: Placement.all[index % 4]),
      MatmulShape(plan: .holed, k: 33, n: 7, epilogue: epilogue, placement: Placement.all[(index + 1) % 4]),
    ]
  }

  /// The study's five matmuls: the projection to queries, keys and values together, the one to keys alone,
  /// the one out of the heads, those into and out of the MLP, and the one to the logits.
  private static func studySizes(_ plan: RowPlan) -> [MatmulShape] {
    [
      MatmulShape(plan: plan, k: 128, n: 384, epilogue: .bias),
      MatmulShape(
        plan: plan, k: 128, n: 128, epilogue: .bias,
        weightPlacement: .view(first: 128, columns: 128, of: 384)),
      MatmulShape(plan: plan, k: 128, n: 128, epilogue: .residualInPlace),
      MatmulShape(plan: plan, k: 128, n: 512, epilogue: .gelu),
      MatmulShape(plan: plan, k: 512, n: 128, epilogue: .residual),
      MatmulShape(plan: plan, k: 128, n: 104, epilogue: .bias),
    ]
  }

  private static let edges = [
    MatmulShape(
      plan: .ragged, k: 128, n: 104, epilogue: .bias, weightPlacement: .view(first: 3, columns: 104, of: 131)),
    MatmulShape(plan: .rows(5), k: 1000, n: 9, epilogue: .none, placement: .odder),
    MatmulShape(plan: .rows(257), k: 17, n: 65, epilogue: .gelu, placement: .odd),
    MatmulShape(plan: .rows(257), k: 17, n: 65, epilogue: .geluAlone, placement: .odder),
    MatmulShape(plan: .none, k: 16, n: 7, epilogue: .gelu),
    // Several chunks of rows, of few tiles and of many.
    MatmulShape(plan: .tall, k: 33, n: 41, epilogue: .bias, placement: .odd),
    MatmulShape(plan: .tall, k: 65, n: 70, epilogue: .bias),
    // Wide enough for panels that stay in a cache, and for inputs whose columns are read in place.
    MatmulShape(plan: .ragged, k: 300, n: 333, epilogue: .gelu),
    // So deep that the sums, or those of the input gradient, are made in blocks.
    MatmulShape(plan: .ragged, k: 1543, n: 70, epilogue: .gelu, placement: .odd),
    MatmulShape(plan: .rows(45), k: 900, n: 40, epilogue: .residualInPlace, placement: .odder),
    MatmulShape(plan: .rows(45), k: 70, n: 1543, epilogue: .gelu),
    // Weights so large that they are packed in blocks.
    MatmulShape(plan: .rows(3), k: 4100, n: 1100, epilogue: .gelu, placement: .odd),
    MatmulShape(plan: .rows(3), k: 1100, n: 4100, epilogue: .residual, placement: .odder),
    // Weights and rows that kernels for CPUs pack before a forward.
    MatmulShape(plan: .ensemble([70, 64]), k: 301, n: 450, epilogue: .residual, placement: .odd),
  ]

  /// The number of elements of input, weight and output.
  var elements: Int { plan.rowCount * (k + n) + plan.models * k * n }
  var flops: Int { 2 * plan.rowCount * k * n }
}
