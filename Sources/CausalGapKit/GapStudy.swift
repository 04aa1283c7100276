import Compute
import Devices
import Foundation
import OperationSuite
import Records
import Report
import Study

/// A study: models of some tasks and seeds, trained and measured in one folder.
///
/// Its options are those of a `study.yaml`, with the same names, defaults and messages:
/// ```swift
/// let study = try GapStudy(options: "tasks: sort\nseeds: 1-3\noutput: results/three")
/// for run in try study.run() { print(run.task, run.seed, run.rho ?? .nan) }
/// ```
public struct GapStudy: Sendable {
  private let options: StudyOptions
  private let plans: [RunPlan]

  /// Reads the options and checks them; nothing is computed yet.
  ///
  /// - Parameter yaml: options as in a `study.yaml`.
  /// - Throws: An error whose description is one line that names the option.
  public init(options yaml: String) throws {
    options = try OptionsFile(text: yaml, name: "options").options
    plans = try options.plans()
  }

  /// The folder of the study: `output`, or one in `results` that is named for protocol and device.
  public var folder: URL { options.folder }

  /// The number of runs, which is tasks times seeds.
  public var runCount: Int { plans.count }

  /// Trains and measures what the folder lacks, and writes tables, figures and a page into it. Finished runs are kept; a run that was
  /// stopped continues.
  ///
  /// - Parameter progress: What hears of every finished run, on the thread that called `run`.
  /// - Returns: All runs of the folder, by task and seed.
  /// - Throws: An error whose description is one line: a training that diverged, a folder in use, a device that does not exist.
  public func run(progress: @escaping @Sendable (GapRun) -> Void = { _ in }) throws -> [GapRun] {
    let study = try Study(
      plans, on: device(), in: folder, ensemble: options.ensembleSize,
      supervisor: Supervisor(report: { report in
        if case .runFinished(let record) = report { progress(GapRun(record)) }
      }))
    let records = try study.run()
    let losses = LossCurve.read(records, in: study.folder)
    try StudyReport(Summary(records), runs: records, losses: losses).write(to: study.folder)
    return records.map(GapRun.init)
  }

  /// A device that computes what the reference computes; one that is not known yet is validated quickly.
  private func device() throws -> any Device {
    let selection = try DeviceSelection(options.word(.device) ?? "")
    let device = try DeviceCatalogue.make(selection, threads: options.whole(.threads))
    if device.description.kind != .reference {
      try DeviceTrust().confirm(device, against: DeviceCatalogue.make(.reference))
    }
    return device
  }
}
