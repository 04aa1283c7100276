import Compute
import Devices
import Errors
import Foundation
import Records
import Study
import Transformer

/// What a sweep takes, before anything is computed: `sweep plan --dry-run`.
package struct SweepEstimate: Codable, Sendable {
  package struct Setting: Codable, Sendable {
    package var name: String
    package var runs: Int
    package var parameters: Int
    /// The most steps that its runs can take together.
    package var steps: Int
    package var devices: [Device]
  }

  /// One setting on one device.
  package struct Device: Codable, Sendable {
    package var device: String
    /// The bytes that one run may need.
    package var memory: Int
    /// What the device has.
    package var available: Int
    /// Training steps per second of one model, measured now; nil where it does not fit.
    @Nullable package var stepsPerSecond: Double?
    /// Where the setting does not fit: the largest that does, and why.
    @Nullable package var problem: String?
  }

  package var runs: Int
  /// Those that have no record yet.
  package var unfinished: Int
  package var steps: Int
  /// The most time that the training of the unfinished runs can take if the devices share it, measured steps assumed;
  /// measuring the models comes on top.
  @Nullable package var hours: Double?
  /// The bytes that the runs leave on the disk, with `--keep models` and `--keep none`.
  package var diskWithModels: Int
  package var diskWithoutModels: Int
  package var diskFree: Int?
  package var settings: [Setting]

  private enum CodingKeys: String, CodingKey {
    case runs, unfinished, steps, hours
    case diskWithModels = "disk_with_models"
    case diskWithoutModels = "disk_without_models"
    case diskFree = "disk_free"
    case settings
  }

  /// - Parameters:
  ///   - folder: need not exist.
  ///   - names: as for `sweep run`.
  /// - Throws: what devices throw.
  package init(
    _ plan: SweepPlan, in folder: SweepFolder, on names: [String], checkpointing: ActivationCheckpointing
  ) throws {
    let devices = try SweepDevices(names).devices.map { name, _ in
      try DeviceCatalogue.make(DeviceSelection(name), threads: nil)
    }
    let all = plan.runs
    let left = try SweepScan(folder, plan).unfinished(all)
    var leftOf: [Int: Int] = [:]
    for run in left { leftOf[run.setting, default: 0] += 1 }
    var rates: [RunSettings: [Device]] = [:]
    var seconds: Double? = 0
    settings = []
    for (index, setting) in plan.settings.enumerated() {
      guard let run = all.first(where: { $0.setting == index }) else { continue }
      let own = try plan.plan(of: run, checkpointing)
      var shape = setting.settings
      // Speed depends on neither.
      (shape.learningRate, shape.maxSteps) = (1, 1)
      let found = try rates[shape] ?? devices.map { try Self.device($0, own) }
      rates[shape] = found
      let speed = found.compactMap(\.stepsPerSecond).reduce(0, +)
      let count = leftOf[index] ?? 0
      if speed == 0 { seconds = nil }
      seconds = seconds.map { $0 + (speed > 0 ? Double(count * setting.settings.maxSteps) / speed : 0) }
      settings.append(
        Setting(
          name: setting.name, runs: setting.runCount, parameters: ParameterLayout(own.model).count,
          steps: setting.runCount * setting.settings.maxSteps, devices: found))
    }
    runs = all.count
    unfinished = left.count
    steps = settings.reduce(0) { $0 + $1.steps }
    _hours = Nullable(wrappedValue: seconds.map { $0 / 3600 })
    func disk(_ kept: Kept) -> Int {
      plan.settings.reduce(0) { $0 + $1.runCount * DiskSpace.left(by: $1.settings, kept) }
    }
    (diskWithModels, diskWithoutModels) = (disk(.models), disk(.none))
    diskFree = DiskSpace.free(at: folder.url)
  }

  private static func device(_ device: any Compute.Device, _ plan: RunPlan) throws -> Device {
    let description = device.description
    let memory = try plan.memory(models: 1, largestAllocation: description.largestAllocation)
    var result = Device(
      device: description.selector, memory: Int(memory.bytes),
      available: description.memory ?? Int(clamping: ProcessInfo.processInfo.physicalMemory),
      stepsPerSecond: nil, problem: nil)
    do {
      try plan.validate(on: device)
    } catch {
      result.problem = "\(error); \(largest(plan, device))"
      return result
    }
    var rate = try TrainingRate(plan, on: device)
    result.stepsPerSecond = try rate.measure(seconds: 0.5)
    return result
  }

  /// The largest batch that fits, and the deepest model of this width.
  private static func largest(_ plan: RunPlan, _ device: any Compute.Device) -> String {
    func most(_ upTo: Int, _ change: (inout RunPlan, Int) -> Void) -> Int {
      var (fits, tooMany) = (0, upTo + 1)
      while fits + 1 < tooMany {
        let value = (fits + tooMany) / 2
        var other = plan
        change(&other, value)
        if (try? other.validate(on: device)) != nil { fits = value } else { tooMany = value }
      }
      return fits
    }
    let batch = most(plan.batchSize) { $0.batchSize = $1 }
    let layers = most(plan.model.layers) { $0.model.layers = $1 }
    return
      (batch > 0 ? "the largest batch that fits is \(batch)" : "no batch fits")
      + ", the most layers with this batch \(layers)"
  }
}

extension SweepEstimate {
  /// For people.
  package var text: String {
    func size(_ bytes: Int) -> String { gibibytes(Double(bytes)) }
    var lines: [String] = []
    for setting in settings {
      lines.append(
        "\(setting.name): \(counted(setting.runs, "run")) of at most \(setting.steps / max(1, setting.runs)) steps, "
          + "\(setting.parameters) parameters")
      for device in setting.devices {
        let speed = device.stepsPerSecond.map { String(format: "%.1f steps/s", $0) }
        lines.append(
          "  \(device.device): \(size(device.memory)) of \(size(device.available)), "
            + (speed ?? "does not fit: \(device.problem ?? "")"))
      }
    }
    lines.append(
      "\(counted(runs, "run")), \(unfinished) of them to be done; at most \(steps) steps in all")
    if let hours {
      lines.append(
        String(format: "training takes at most %.1f hours at the steps measured", hours)
          + " (converged runs end sooner; measuring the models comes on top)")
    }
    lines.append(
      "disk: up to \(size(diskWithModels)), with --keep none \(size(diskWithoutModels))"
        + (diskFree.map { "; \(size($0)) are free" } ?? "")
        + (diskFree.map {
          $0 < diskWithoutModels ? ": it does not fit" : $0 < diskWithModels ? ": the models do not fit" : ""
        }
          ?? ""))
    return lines.joined(separator: "\n")
  }
}
