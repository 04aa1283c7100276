import Foundation
import Records
import Report
import Study

/// The records of a sweep, setting by setting, checked to belong together.
package struct SweepRecords {
  /// The studies that have records, in the plan's order; a study's `folder` is its setting's name.
  package private(set) var studies: [(setting: SweepPlan.Setting, records: [RunRecord])] = []
  /// What a reader should know: records left out, several devices.
  package private(set) var notes: [String] = []

  /// - Parameter allowsMixedVersions: whether records of several versions of the program may be summarised together.
  /// - Throws: `SweepError.mixed` for a record that is not of its setting, or versions that differ; `RecordError`.
  package init(_ folder: SweepFolder, _ plan: SweepPlan, allowsMixedVersions: Bool) throws {
    var versions: [String: String] = [:]
    var devices: [String: Int] = [:]
    for setting in plan.settings {
      let study = folder.study(setting)
      guard try FileKind.of(study.url) != nil else { continue }
      let all = try study.readRecords()
      let planned = setting.runs.mapValues { Set($0.seeds) }
      let records = all.filter { planned[$0.task]?.contains($0.seed) == true }
      if records.count < all.count {
        notes.append(
          "\(setting.name): \(all.count - records.count) records that are not in the plan are left out")
      }
      guard let first = records.first else { continue }
      let own = try RunPlan(PlanDescription(task: first.task, seed: first.seed, settings: setting.settings))
      for record in records {
        let name = "\(setting.name)/\(record.task)/seed-\(record.seed)"
        guard own.isSettings(of: record) else {
          throw SweepError.mixed(
            "\(name) was made under other settings than the plan's, or another protocol (\(record.protocolName)): "
              + "move its folder away, and run the sweep again")
        }
        let version = record.versions["causalgap"] ?? "unknown"
        versions[version] = versions[version] ?? name
        devices[record.device.selector + ", " + record.device.name, default: 0] += 1
      }
      studies.append((setting, records))
    }
    let named = versions.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
    guard versions.count <= 1 || allowsMixedVersions else {
      throw SweepError.mixed(
        "runs were made by different versions of the program: \(named.joined(separator: ", ")); "
          + "--allow-mixed-versions summarises them together")
    }
    if versions.count > 1 {
      notes.append("several versions of the program: \(named.joined(separator: ", "))")
    }
    if devices.count > 1 {
      let counts = devices.sorted { $0.key < $1.key }.map { "\($0.value) on \($0.key)" }
      notes.append("several devices, whose last bits differ: \(counts.joined(separator: "; "))")
    }
  }

  package var count: Int { studies.reduce(0) { $0 + $1.records.count } }

  /// The settings side by side; nil where fewer than two share a task.
  package func across() throws -> AcrossStudies? {
    guard studies.count > 1 else { return nil }
    do {
      return try AcrossStudies(
        studies.map { StudyRecords(folder: $0.setting.name, records: $0.records) })
    } catch AcrossError.noSharedTask {
      return nil
    }
  }
}
