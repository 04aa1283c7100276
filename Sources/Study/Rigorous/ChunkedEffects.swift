import Importance
import Transformer

/// Runs long evaluations in pieces, so that a study can be stopped between two of them.
struct ChunkedEffects {
  let evaluation: CausalEvaluation
  /// The number of samples in a piece.
  let chunk: Int
  let supervisor: Supervisor
  /// Where pieces are kept, and what their names begin with.
  var parts = AnalysisParts.none
  var phase = "interventions"

  /// The effect of each set of components, for each method, over all samples.
  ///
  /// - Throws: `StudyError.interrupted`, or what the device throws.
  func effects(
    of sets: [[Component]], _ methods: [InterventionMethod]
  ) throws -> [InterventionMethod: SetEffects] {
    var all: [InterventionMethod: SetEffects] = [:]
    let pieces = (0..<evaluation.samples.count).pieces(of: chunk)
    var progress = PartProgress(count: pieces.count, parts.areKept ? supervisor : supervisor.silent)
    for piece in pieces {
      let name = AnalysisParts.name(phase, piece)
      try progress.begin(isKept: parts.has(name))
      let tables = try parts.part(name, Self.shapes(sets, methods, samples: piece.count)) {
        try evaluation.over(piece).effects(of: sets, methods).tables
      }
      for (method, effects) in [InterventionMethod: SetEffects](tables, of: sets, methods) {
        all[method] = all[method]?.appending(effects) ?? effects
      }
    }
    return all
  }
}

extension ChunkedEffects {
  /// The shapes of a part's tables: a row for the run without intervention and for each set, a column for each sample.
  private static func shapes(
    _ sets: [[Component]], _ methods: [InterventionMethod], samples: Int
  ) -> [String: AnalysisParts.Shape] {
    let names = methods.flatMap { method in Effect.allCases.map { tableName(method, $0) } }
    return Dictionary(uniqueKeysWithValues: names.map { ($0, (sets.count + 1, samples)) })
  }

  fileprivate static func tableName(_ method: InterventionMethod, _ effect: Effect) -> String {
    "\(method.rawValue).\(effect.rawValue)"
  }
}

extension Range<Int> {
  /// Neighbouring ranges of so many samples, the last of which may be shorter.
  func pieces(of size: Int) -> [Range<Int>] {
    stride(from: lowerBound, to: upperBound, by: size).map { $0..<Swift.min($0 + size, upperBound) }
  }
}

extension [InterventionMethod: SetEffects] {
  /// Effects as `AnalysisParts` keeps them: for each method and effect, the outcomes of the run without intervention, and then
  /// the effect of each set.
  fileprivate var tables: [String: [[Double]]] {
    var tables: [String: [[Double]]] = [:]
    for (method, found) in self {
      for effect in Effect.allCases {
        tables[ChunkedEffects.tableName(method, effect)] = ([found.base] + found.effects).map { $0[effect] }
      }
    }
    return tables
  }

  fileprivate init(_ tables: [String: [[Double]]], of sets: [[Component]], _ methods: [InterventionMethod]) {
    self = Dictionary(
      uniqueKeysWithValues: methods.map { method in
        var outcomes = [Outcomes](repeating: Outcomes(repeating: 0, count: 0), count: sets.count + 1)
        for effect in Effect.allCases {
          for (row, values) in (tables[ChunkedEffects.tableName(method, effect)] ?? []).enumerated() {
            outcomes[row][effect] = values
          }
        }
        return (
          method,
          SetEffects(method: method, sets: sets, base: outcomes[0], effects: Array(outcomes.dropFirst()))
        )
      })
  }
}
