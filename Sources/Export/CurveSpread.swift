import Records

/// The mean and the standard deviation (n − 1) of the curves of several seeds, at every step that a seed has.
struct CurveSpread {
  private struct Moments {
    var (count, mean, squares) = (0, 0.0, 0.0)

    /// As B. P. Welford, Technometrics 4 (1962).
    mutating func add(_ value: Double) {
      count += 1
      let distance = value - mean
      mean += distance / Double(count)
      squares += distance * (value - mean)
    }

    var deviation: Double? { count > 1 ? (squares / Double(count - 1)).squareRoot() : nil }
  }

  /// By tag, then by step.
  private var moments: [(tag: String, steps: [Int: Moments])]

  init(_ curves: [TrainingCurve]) {
    moments = TrainingCurve.tags.map { tag in
      var steps: [Int: Moments] = [:]
      for curve in curves {
        for step in curve.steps {
          if let value = curve.value(tag, step) { steps[step.step, default: Moments()].add(value) }
        }
      }
      return (tag, steps)
    }
  }

  /// The means, and how many seeds they are over.
  var mean: EventFile {
    var file = events { mean, _ in mean }
    let counts = moments.reduce(into: [Int: Int]()) { counts, found in
      counts.merge(found.steps.mapValues(\.count), uniquingKeysWith: max)
    }
    for (step, count) in counts.sorted(by: { $0.key < $1.key }) {
      file.add([("seeds", Double(count))], step: step)
    }
    return file
  }

  /// - Parameter value: makes a scalar of a mean and a standard deviation, or none.
  func events(_ value: (_ mean: Double, _ deviation: Double?) -> Double?) -> EventFile {
    var file = EventFile()
    for (tag, steps) in moments {
      for (step, found) in steps.sorted(by: { $0.key < $1.key }) {
        if let value = value(found.mean, found.deviation) { file.add([(tag, value)], step: step) }
      }
    }
    return file
  }
}
