import Study

/// Values that a sweep gives to the options of a study: every combination of them is one setting.
///
///     layers: [2, 4]          2 × 2 settings, each with
///     learning_rate: [1e-3, 3e-4]
///     tasks: [copy, sort]     2 tasks
///     seeds: 1-10             and 10 seeds
package struct SweepGrid: Equatable, Sendable {
  /// The values of each option that was given, by name. Tasks and seeds are one value each: a list.
  private(set) var values: [String: [OptionValue]] = [:]

  /// The options of a study that are not the plan's: where its runs are computed and kept.
  private static let ofTheRun: [StudyOption] = [
    .activationCheckpointing, .device, .threads, .ensemble, .output,
  ]
  /// The options of which a sweep can have several values, in the order of the combinations.
  static let options = StudyOption.all.filter { !ofTheRun.contains($0) }
  private static let lists: [StudyOption] = [.tasks, .seeds, .seedCount]

  /// - Throws: `OptionError`, or `SweepError.impossible`, for values that an option does not take.
  package init(_ given: [GivenOption]) throws {
    for one in given {
      guard Self.options.contains(one.option) else {
        throw SweepError.impossible(
          "\(one.subject()) is not part of a plan; 'causalgap sweep run' takes where to compute")
      }
      if Self.lists.contains(one.option) {
        values[one.option.name] = [try one.value()]
        continue
      }
      var list: [OptionValue] = []
      for (text, subject) in try one.items() {
        let value = try GivenOption(one.option, .text(text), at: one.place).value()
        guard !list.contains(value) else { throw SweepError.impossible("\(subject) has \(value) twice") }
        list.append(value)
      }
      guard !list.isEmpty else { throw SweepError.impossible("\(one.subject()) is an empty list") }
      values[one.option.name] = list
    }
    if values[StudyOption.seeds.name] != nil, values[StudyOption.seedCount.name] != nil {
      throw SweepError.impossible("seeds and seed_count exclude each other; give one of them")
    }
  }

  /// This grid, with the values of `lower` for options that it does not name.
  package func merged(over lower: SweepGrid) -> SweepGrid {
    var merged = self
    merged.values.merge(lower.values) { own, _ in own }
    if values[StudyOption.seeds.name] != nil { merged.values[StudyOption.seedCount.name] = nil }
    if values[StudyOption.seedCount.name] != nil { merged.values[StudyOption.seeds.name] = nil }
    return merged
  }

  /// What a reader of the values may not expect, as for the options of a study.
  package var notes: [String] {
    (values[StudyOption.dModel.name] ?? []).flatMap { width in
      var options = StudyOptions()
      options[.dModel] = width
      options[.dFF] = values[StudyOption.dFF.name]?.first
      return options.notes
    }
  }

  /// The number of combinations.
  var count: Int {
    values.values.reduce(1) { product, list in
      let (count, isTooLarge) = product.multipliedReportingOverflow(by: list.count)
      return isTooLarge ? .max : count
    }
  }

  /// Every combination of the values, the last option's changing first.
  ///
  /// - Parameter limit: of each option, at most this number of values is used.
  func points(limit: Int = .max) -> [StudyOptions] {
    var points = [StudyOptions()]
    for option in Self.options {
      guard let list = values[option.name] else { continue }
      points = points.flatMap { point in
        list.prefix(limit).map { value in
          var point = point
          point[option] = value
          return point
        }
      }
    }
    return points
  }
}
