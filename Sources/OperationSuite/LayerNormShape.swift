import Compute

/// The sizes of a layer normalisation, and the mean of its rows.
struct LayerNormShape: Sendable, CustomStringConvertible {
  var plan: RowPlan
  var width: Int
  /// The mean of a row; its standard deviation is 1.
  var mean: Float = 0.5
  var kind = NormKind.layer
  /// Only of the backward.
  var rule = BackwardRule.gradient
  /// A layer norm always has a bias in the cases, an RMS norm never.
  var hasBias: Bool { kind == .layer }
  var placement = Placement.plain
  /// How the backward gets the gradient of the residual connection around the normalisation.
  var residual = Residual.absent

  enum Residual: String, Sendable {
    case absent = ""
    case separate = ", residual"
    /// The input gradient overwrites the residual gradient.
    case inPlace = ", residual in place"
    /// The input gradient overwrites the output gradient.
    case outputInPlace = ", output gradient in place"
  }

  var description: String {
    "\(plan), width \(width)\(kind == .rms ? ", RMS" : "")\(rule == .relevance ? ", relevance" : "")\(mean == 0.5 ? "" : ", mean \(mean)")\(residual.rawValue)\(placement)"
  }

  static let epsilon: Float = 1e-5

  static let quick = [
    LayerNormShape(plan: .ragged, width: 93, placement: .odd, residual: .inPlace),
    LayerNormShape(plan: .holed, width: 128, residual: .separate),
    LayerNormShape(plan: .ragged, width: 40, mean: 2, kind: .rms, placement: .odder, residual: .separate),
  ]
  static let thorough = [
    LayerNormShape(plan: .rows(200), width: 128, residual: .inPlace),
    LayerNormShape(plan: .rows(200), width: 128, mean: 30, placement: .aligned),
    LayerNormShape(plan: .ragged, width: 40, residual: .separate),
    LayerNormShape(plan: .ragged, width: 128, placement: .odder),
    LayerNormShape(plan: .holed, width: 40, mean: -30, placement: .odd, residual: .inPlace),
    LayerNormShape(plan: .holed, width: 93, placement: .aligned),
    LayerNormShape(plan: .rows(1), width: 128, residual: .separate),
    LayerNormShape(plan: .rows(33), width: 7, placement: .odder, residual: .separate),
    LayerNormShape(plan: .rows(16), width: 1000),
    LayerNormShape(plan: .holed, width: 93, kind: .rms, placement: .odd, residual: .inPlace),
    LayerNormShape(plan: .rows(33), width: 256, mean: -3, kind: .rms),
    LayerNormShape(plan: .ragged, width: 40, rule: .relevance, placement: .odd, residual: .separate),
    LayerNormShape(plan: .rows(19), width: 33, kind: .rms, rule: .relevance),
    LayerNormShape(plan: .ragged, width: 33, kind: .rms, placement: .odd, residual: .outputInPlace),
    LayerNormShape(plan: .none, width: 40, residual: .inPlace),
  ]
  static let study = [
    LayerNormShape(plan: .rows(1024), width: 128, residual: .inPlace),
    LayerNormShape(plan: .benchmarkEnsemble, width: 128, residual: .inPlace),
    LayerNormShape(plan: .rows(512), width: 768, residual: .inPlace),
  ]

  /// The input and the statistics for the backward: the statistics of the rounded inputs, rounded.
  func saved(_ bench: Workbench) throws -> (input: Matrix, statistics: Matrix) {
    let inputs = Block(rows: plan.rows, extent: plan.extent, columns: width, placement)
    var rows: [[Float]] = []
    let input = try bench.input("input", inputs) { row, column in
      if column == 0 { rows.append([]) }
      let value = bench.generator.value(mean: mean)
      rows[row].append(value)
      return value
    }
    let statistics = Block(rows: plan.rows, extent: plan.extent, columns: 2, placement)
    let saved = try bench.input("statistics", statistics) { row, column in
      let mean = kind == .rms ? 0 : rows[row].reduce(0.0) { $0 + Double($1) } / Double(width)
      if column == 0 { return Float(mean) }
      let squares = rows[row].reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
      return Float(1 / (squares / Double(width) + Double(Self.epsilon)).squareRoot())
    }
    return (bench.matrix(input, width, placement), bench.matrix(saved, 2, placement))
  }
}
