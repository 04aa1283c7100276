import Importance
import Transformer

/// Scores as `AnalysisParts` keeps them.
extension GradientScores {
  /// Of no batch.
  init(components: [Component], scores: Set<GradientScore>) {
    let empty = components.map { _ in [Double]() }
    self.init(
      components: components, metric: .targetLogProbability,
      values: Dictionary(uniqueKeysWithValues: scores.map { ($0, empty) }),
      effects: scores.contains(.integratedGradients) ? empty : [])
  }

  init(tables: [String: [[Double]]], components: [Component]) {
    let scores = tables.compactMap { name, rows in GradientScore(rawValue: name).map { ($0, rows) } }
    self.init(
      components: components, metric: .targetLogProbability,
      values: Dictionary(uniqueKeysWithValues: scores), effects: tables[Self.effectsName] ?? [])
  }

  /// The shapes of the tables of one batch.
  static func shapes(
    _ scores: Set<GradientScore>, components: Int, samples: Int
  ) -> [String: AnalysisParts.Shape] {
    var shapes = Dictionary(
      uniqueKeysWithValues: scores.map {
        ($0.rawValue, (rows: components, columns: $0.unit == .batch ? 1 : samples))
      })
    if scores.contains(.integratedGradients) { shapes[effectsName] = (components, samples) }
    return shapes
  }

  /// [component][unit] for each score and for the true effects.
  var tables: [String: [[Double]]] {
    var tables = Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $1) })
    if !effects.isEmpty { tables[Self.effectsName] = effects }
    return tables
  }

  private static let effectsName = "effects"
}

extension EdgeScores {
  init(_ configuration: ModelConfiguration, samples: Int, tables: [String: [[Double]]]) {
    let pairs = Score.allCases.compactMap { score in
      tables[score.rawValue].flatMap { $0.count == 2 ? (score, (values: $0[0], squares: $0[1])) : nil }
    }
    self.init(configuration, samples: samples, sums: Dictionary(uniqueKeysWithValues: pairs))
  }

  /// The shapes of the tables.
  var shapes: [String: AnalysisParts.Shape] {
    Dictionary(
      uniqueKeysWithValues: Score.allCases.map { ($0.rawValue, (2, writers.count * readers.count)) })
  }

  /// For each score, the sums of values and of squares of all edges.
  var tables: [String: [[Double]]] {
    Dictionary(uniqueKeysWithValues: sums.map { ($0.rawValue, [$1.values, $1.squares]) })
  }
}
