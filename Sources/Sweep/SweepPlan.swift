import Digests
import Foundation
import Records
import Study

/// Everything a sweep consists of, as it is frozen in `plan.json`: settings, and for each its tasks and seeds.
///
/// The name of a run, `layers=2/sort/seed-42`, says all that it is and depends on no order, so a plan can be extended
/// without touching what has been computed.
///
/// ```swift
/// let grid = try SweepGrid([GivenOption(flag: .layers, "2,4"), GivenOption(flag: .seeds, "1-10")])
/// let (plan, added) = try SweepFolder(url).freeze(SweepPlan(grid))
/// print(plan.runCount, "runs,", added, "of them new")
/// ```
package struct SweepPlan: Codable, Equatable, Sendable {
  package static let currentSchema = 1
  /// More runs than anybody can wait for are a mistake.
  static let mostRuns = 1_000_000

  /// One point of the grid: a study, in a folder of this name.
  package struct Setting: Codable, Equatable, Sendable {
    package var name: String
    package var settings: RunSettings
    /// The seeds of each task.
    package var runs: [String: SeedList]

    package var runCount: Int { runs.values.reduce(0) { $0 + $1.seeds.count } }
  }

  /// One run of the plan.
  package struct Run: Hashable, Sendable, CustomStringConvertible {
    /// The index of its setting.
    package var setting: Int
    package var task: String
    package var seed: Int
    /// Its place in the plan, from 0.
    package var number: Int
    package var description: String
  }

  package var schema = Self.currentSchema
  /// The version of the program that made the plan.
  package var program: String
  package var settings: [Setting]

  /// Every run: by setting, then by seed, then by task.
  package var runs: [Run] {
    var runs: [Run] = []
    for (index, setting) in settings.enumerated() {
      let tasks = setting.runs.keys.sorted()
      let own = tasks.flatMap { task in (setting.runs[task]?.seeds ?? []).map { (task, $0) } }
      for (task, seed) in own.sorted(by: { ($0.1, $0.0) < ($1.1, $1.0) }) {
        runs.append(
          Run(
            setting: index, task: task, seed: seed, number: runs.count,
            description: "\(setting.name)/\(task)/seed-\(seed)"))
      }
    }
    return runs
  }

  package var runCount: Int { settings.reduce(0) { $0 + $1.runCount } }

  /// The plan of one run.
  ///
  /// - Parameter checkpointing: decides about memory and time, and not about results.
  /// - Throws: `UnknownTask`, or `StudyError.unknownProtocol`, for a name that this version of the program lacks.
  package func plan(of run: Run, _ checkpointing: ActivationCheckpointing = .auto) throws -> RunPlan {
    var plan = try RunPlan(
      PlanDescription(task: run.task, seed: run.seed, settings: settings[run.setting].settings))
    plan.checkpointing = checkpointing
    return plan
  }

  /// 32 hexadecimal digits that change with every value of the plan.
  package func hash() throws -> String {
    var hash = FNV1a()
    hash.combine(try RecordCoding.encode(self))
    return hash.digest
  }
}

extension SweepPlan {
  /// The runs of a grid, those of further grids, and without those left out.
  ///
  /// - Parameters:
  ///   - included: grids of their own; what they do not name is as in `grid`.
  ///   - excluded: runs to leave out of all of them.
  /// - Throws: `SweepError.impossible` for a plan without runs, with too many, or with an exclusion that leaves out
  ///   nothing; what `RunPlan.validate()` throws, for settings that can't be trained.
  package init(_ grid: SweepGrid, including included: [SweepGrid] = [], excluding excluded: [SweepGrid] = [])
    throws
  {
    if excluded.contains(where: { $0.values[StudyOption.seedCount.name] != nil }) {
      throw SweepError.impossible("seed_count can't be used in exclude; name the seeds: seeds: 1-10")
    }
    let exclusions = excluded.enumerated().map { SweepExclusion($1, name: "exclude[\($0)]") }
    var used = Set<String>()
    var adding = Set<Int>()
    var settings: [Setting] = []
    var places: [RunSettings: Int] = [:]
    let grids = [grid] + included.map { $0.merged(over: grid) }
    try Self.refuseTooMany(grids)
    for (number, point) in grids.enumerated().flatMap({ number, grid in grid.points().map { (number, $0) } })
    {
      let own = try point.settings()
      let matching = exclusions.filter { $0.matches(point) }
      let place: Int
      if let known = places[own] {
        place = known
      } else {
        place = settings.count
        places[own] = place
        settings.append(Setting(name: settingName(own, point), settings: own, runs: [:]))
      }
      let seeds = point.seeds
      for task in point.words(.tasks) ?? [] {
        let kept = seeds.filter { seed in
          guard let exclusion = matching.first(where: { $0.matches(task: task, seed: seed) }) else {
            return true
          }
          used.insert(exclusion.name)
          return false
        }
        guard !kept.isEmpty else { continue }
        let known = settings[place].runs[task]?.seeds ?? []
        if !Set(kept).isSubset(of: known) { adding.insert(number) }
        settings[place].runs[task] = SeedList(kept + known)
      }
    }
    if let idle = exclusions.first(where: { !used.contains($0.name) }) {
      throw SweepError.impossible(
        "\(idle.name) leaves out nothing: no run of the plan has these values, or others have left them out before"
      )
    }
    if let idle = included.indices.first(where: { !adding.contains($0 + 1) }) {
      throw SweepError.impossible(
        "include[\(idle)] adds nothing: the plan has these runs already, or they are excluded")
    }
    self.settings = settings.filter { !$0.runs.isEmpty }
    program = Version.program
    guard let task = self.settings.first?.runs.keys.first else {
      throw SweepError.impossible("the plan has no runs: everything is excluded")
    }
    for setting in self.settings {
      do {
        try RunPlan(PlanDescription(task: task, seed: 0, settings: setting.settings)).validate()
      } catch {
        throw SweepError.impossible("\(setting.name): \(error)")
      }
    }
  }

  private static func refuseTooMany(_ grids: [SweepGrid]) throws {
    var runs = 0
    for grid in grids {
      let first = grid.points(limit: 1).first
      let each = first.map { $0.seeds.count * ($0.words(.tasks)?.count ?? 0) } ?? 0
      if grid.count <= mostRuns { runs += grid.count * each }
      guard grid.count <= mostRuns, runs <= mostRuns else {
        throw SweepError.impossible("the plan has more than \(mostRuns) runs; plan several sweeps")
      }
    }
  }

  /// This plan with everything that another one has in addition.
  ///
  /// - Returns: the plan, and the number of runs that it has in addition.
  /// - Throws: `SweepError.conflict` where the other one lacks a run of this one.
  package func extended(to new: SweepPlan, in folder: String) throws -> (plan: SweepPlan, added: Int) {
    var missing: [String] = []
    for old in settings {
      guard let match = new.settings.first(where: { $0.settings == old.settings }) else {
        if let other = new.settings.first(where: { $0.name == old.name }) {
          throw SweepError.conflict(
            folder: folder, detail: "\(old.name) has \(Self.difference(old.settings, other.settings))")
        }
        throw SweepError.conflict(
          folder: folder, detail: "it has the setting \(old.name), the new one has not")
      }
      for (task, seeds) in old.runs.sorted(by: { $0.key < $1.key }) {
        missing += Set(seeds.seeds).subtracting(match.runs[task]?.seeds ?? []).sorted()
          .map { "\(old.name)/\(task)/seed-\($0)" }
      }
    }
    if let first = missing.first {
      let what = missing.count == 1 ? "the run \(first)" : "\(missing.count) runs, \(first) among them,"
      throw SweepError.conflict(folder: folder, detail: "it has \(what) that the new one has not")
    }
    // Known settings keep their names and places.
    var plan = self
    for setting in new.settings {
      if let place = plan.settings.firstIndex(where: { $0.settings == setting.settings }) {
        plan.settings[place].runs = setting.runs
      } else {
        plan.settings.append(setting)
      }
    }
    return (plan, plan.runCount - runCount)
  }

  private static func difference(_ old: RunSettings, _ new: RunSettings) -> String {
    func facts(_ settings: RunSettings) -> [String: String] {
      let object = try? JSONSerialization.jsonObject(with: RecordCoding.encode(settings)) as? [String: Any]
      return (object ?? [:]).mapValues { "\($0)" }
    }
    let (old, new) = (facts(old), facts(new))
    return old.keys.sorted().filter { old[$0] != new[$0] }
      .map { "\($0) \(old[$0] ?? ""), not \(new[$0] ?? "none")" }.joined(separator: ", ")
  }
}
