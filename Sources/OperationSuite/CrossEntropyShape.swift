import Compute

/// The rows and vocabulary of a cross-entropy case, and the kind of its logits.
struct CrossEntropyShape: Sendable, CustomStringConvertible {
  var plan: RowPlan
  var vocabulary: Int
  var logits = Logits.normal
  var gradient = Gradient.separate
  var placement = Placement.plain

  enum Logits: String, Sendable {
    case normal = ""
    /// Halves of small integers, so that the largest logit occurs many times.
    case tied = ", tied logits"
    case equal = ", equal logits"
    /// e⁵⁰ is finite in single precision, e¹⁰⁰ is not.
    case large = ", logits ±50"
    case huge = ", logits ±500"
  }

  enum Gradient: String, Sendable {
    case absent = ", no gradient"
    case separate = ""
    /// The gradient overwrites the logits.
    case inPlace = ", gradient in place"
  }

  var description: String {
    "\(plan), vocabulary \(vocabulary)\(logits.rawValue)\(gradient.rawValue)\(placement)"
  }

  static let quick = [
    CrossEntropyShape(plan: .ragged, vocabulary: 104, logits: .tied, gradient: .inPlace),
    CrossEntropyShape(plan: .holed, vocabulary: 31, logits: .large, placement: .odd),
  ]
  static let thorough = [
    CrossEntropyShape(plan: .rows(200), vocabulary: 104, gradient: .inPlace),
    CrossEntropyShape(plan: .rows(200), vocabulary: 104, gradient: .absent, placement: .aligned),
    CrossEntropyShape(plan: .ragged, vocabulary: 31, placement: .odder),
    CrossEntropyShape(plan: .ragged, vocabulary: 104, logits: .large, gradient: .inPlace, placement: .odd),
    CrossEntropyShape(plan: .holed, vocabulary: 104, logits: .tied, placement: .aligned),
    CrossEntropyShape(plan: .holed, vocabulary: 31, logits: .equal, gradient: .inPlace, placement: .odder),
    CrossEntropyShape(plan: .rows(33), vocabulary: 5000),
    CrossEntropyShape(plan: .rows(16), vocabulary: 5000, logits: .tied, gradient: .inPlace, placement: .odd),
    CrossEntropyShape(plan: .rows(93), vocabulary: 7, logits: .huge),
    CrossEntropyShape(plan: .rows(7), vocabulary: 128, logits: .large, gradient: .absent),
    CrossEntropyShape(plan: .rows(128), vocabulary: 1),
    CrossEntropyShape(plan: .rows(100_000), vocabulary: 3, gradient: .absent),
    CrossEntropyShape(plan: .none, vocabulary: 31, gradient: .inPlace),
  ]
  static let study = [
    CrossEntropyShape(plan: .rows(1024), vocabulary: 104, gradient: .inPlace),
    CrossEntropyShape(plan: .benchmarkEnsemble, vocabulary: 104, gradient: .inPlace),
    CrossEntropyShape(plan: .rows(512), vocabulary: 50_257, gradient: .inPlace),
  ]

  /// The largest magnitude of a logit.
  var greatest: Double {
    switch logits {
    case .normal, .tied: 3.5
    case .equal: 1.5
    case .large: 50
    case .huge: 500
    }
  }

  /// The logits of each live row, as the floats that every device gets.
  func makeLogits(_ bench: Workbench) -> [[Float]] {
    (0..<plan.rowCount).map { _ in
      (0..<vocabulary).map { _ in
        let value = bench.generator.value()
        return switch logits {
        case .normal: value
        case .tied: (2 * value).rounded() / 2
        case .equal: 1.5
        // The magnitude of a value is at most √12.
        case .large: value * 50 / 3.5
        case .huge: value * 500 / 3.5
        }
      }
    }
  }

  /// A target for every live row, in turn: the lowest index of the largest logit, its highest index (which is
  /// wrong if the maximum is tied), any token, or none.
  func makeTargets(_ logits: [[Float]], _ bench: Workbench) -> [Int32] {
    logits.enumerated().map { row, logits in
      let greatest = logits.max() ?? 0
      let index: Int? =
        switch row % 5 {
        case 0, 3: logits.firstIndex(of: greatest)
        case 1: logits.lastIndex(of: greatest)
        case 4: nil
        default: bench.generator.integer(below: vocabulary)
        }
      // Any negative number means that there is no target.
      return Int32(index ?? (row % 2 == 0 ? -1 : -100))
    }
  }
}
