import Study

/// Runs to be left out of a grid: those that have, for each option named, one of the values named.
struct SweepExclusion {
  private let grid: SweepGrid
  /// How messages call it: `exclude[0]`.
  let name: String

  init(_ grid: SweepGrid, name: String) {
    self.grid = grid
    self.name = name
  }

  /// Whether a setting, by its options, is among those left out; tasks and seeds are not looked at.
  func matches(_ point: StudyOptions) -> Bool {
    SweepGrid.options.allSatisfy { option in
      guard ![.tasks, .seeds, .seedCount].contains(option), let list = grid.values[option.name] else {
        return true
      }
      return Self.used(option, point).map(list.contains) ?? false
    }
  }

  /// Whether the runs of a task and a seed are left out of the settings that match.
  func matches(task: String, seed: Int) -> Bool {
    if case .words(let tasks)? = grid.values[StudyOption.tasks.name]?.first, !tasks.contains(task) {
      return false
    }
    if case .seeds(let seeds)? = grid.values[StudyOption.seeds.name]?.first, !seeds.contains(seed) {
      return false
    }
    return true
  }

  /// The value that a setting uses, whether it was given or not.
  private static func used(_ option: StudyOption, _ point: StudyOptions) -> OptionValue? {
    switch option {
    case .maxSteps: .whole(point.maxSteps)
    case .quick, .reduced, .rigorousMeasures: .flag(point.isSet(option))
    case .positions:
      point[.positions] ?? (try? point.settings()).map { .word($0.model.positions.rawValue) }
    default: point[option] ?? option.standard
    }
  }
}
