import ArgumentParser
import Benchmark
import Devices
import Foundation
import Report

struct TuneCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "tune", abstract: "Best kernel parameters for an OpenCL device, kept on disk.",
    discussion: """
      Tries what the kernels' constraints allow on the shapes of the benchmark. Every candidate must agree with the \
      reference before it is timed. What is found holds for this device and driver from then on, and is named in \
      the device's description: results may differ in their last digits.
      """ + "\n\n"
        + examples(
          "causalgap tune --device opencl:0:0 --quick"))

  @Option(help: "auto, or opencl[:PLATFORM[:DEVICE]][:register|:local].") var device = "opencl"
  @Option(help: "Kernel files, separated by commas; all of the device's family by default.") var kernels:
    String?
  @Flag(help: "Few candidates and few shapes.") var quick = false
  @Flag(help: "Print every candidate as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let tuning = try Tuning(selection())
    let chosen = try pick(tuning.kernels)
    let reference = try DeviceCatalogue.make(.reference)
    say("\(tuning.description.selector): \(tuning.description.name), \(tuning.familyName) kernels")
    var record = tuning.record
    var outcomes: [TuningSearch.Outcome] = []
    for kernel in chosen {
      let subject = TuningSearch.Subject(
        kernel: kernel.name, defaults: tuning.defaults(kernel), candidates: tuning.candidates(kernel),
        runs: kernel.runs
      ) { try tuning.makeDevice(kernel, $0) }
      let search = TuningSearch(subject, reference: reference, quick: quick)
      let outcome = try search.run { say("\(kernel.name): \($0)") }
      outcomes.append(outcome)
      // Default parameters need no entry. Without an entry the device's description does not change.
      record.kernels[kernel.name] =
        outcome.best.parameters == outcome.defaults.parameters ? nil : entry(kernel, outcome)
      // Saved after each kernel, so that an interrupted search is not lost.
      try tuning.store.save(record, for: tuning.description)
    }
    if json {
      try printJSON(outcomes)
    } else {
      print(table(outcomes))
    }
  }

  private func selection() throws -> DeviceSelection {
    let selection = try DeviceSelection(device)
    switch selection {
    case .auto, .opencl: break
    default: throw UsageError("--device \(device): only OpenCL devices are tuned; use --device opencl")
    }
    return selection == .auto ? DeviceCatalogue().automatic.selection : selection
  }

  private func pick(_ all: [Tuning.Kernel]) throws -> [Tuning.Kernel] {
    guard let names = kernels?.split(separator: ",").map(String.init) else { return all }
    for name in names where !all.contains(where: { $0.name == name }) {
      throw UsageError("there is no kernel '\(name)'; there are \(all.map(\.name).joined(separator: ", "))")
    }
    return all.filter { names.contains($0.name) }
  }

  private func table(_ outcomes: [TuningSearch.Outcome]) -> String {
    var table = TableText(columns: [
      .init("kernel", .left), .init("parameters", .left), .init("GFLOP/s"), .init("standard"), .init("ratio"),
      .init("tried"), .init("failed"),
    ])
    for outcome in outcomes {
      let (best, defaults) = (outcome.best.gigaflops ?? 0, outcome.defaults.gigaflops ?? 0)
      table.rows.append([
        outcome.kernel, outcome.best.text, String(format: "%.2f", best), String(format: "%.2f", defaults),
        String(format: "%.2f", best / defaults), String(outcome.candidates.count),
        String(outcome.candidates.count { $0.gigaflops == nil }),
      ])
    }
    return table.render()
  }

  private func entry(_ kernel: Tuning.Kernel, _ outcome: TuningSearch.Outcome) -> Tuning.Record.Entry {
    Tuning.Record.Entry(
      parameters: outcome.best.parameters, source: kernel.source, gigaflops: outcome.best.gigaflops ?? 0,
      defaultGigaflops: outcome.defaults.gigaflops ?? 0, date: Date().ISO8601Format())
  }
}
