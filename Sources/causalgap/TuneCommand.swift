import ArgumentParser
import Compute
import Devices
import Foundation
import Report

struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune", abstract: "Best kernel parameters for an OpenCL device, kept on disk.",
    discussion: """
      Tries what the kernels' constraints allow on the shapes of the benchmark. Every candidate must agree with the \
      reference before it is timed. What is found holds for this device and driver from then on, and is named in \
      the device's description: results may differ in their last digits.
      """)

  @Option(help: "auto, or opencl[:PLATFORM[:DEVICE]][:register|:local].") var device = "opencl"
  @Option(help: "Kernel files, separated by commas; all of the device's family by default.") var kernels:
    String?
  @Flag(help: "Few candidates and few shapes.") var quick = false
  @Flag(help: "Print every candidate as JSON.") var json = false

  fileprivate struct Outcome: Encodable {
    var kernel: String
    var standard: TuningSearch.Result
    var best: TuningSearch.Result
    var candidates: [TuningSearch.Result]
  }

  mutating func run() throws {
    let tuning = try Tuning(selection())
    let chosen = try pick(tuning.kernels)
    let reference = try DeviceCatalogue.make(.reference)
    say("\(tuning.description.selector): \(tuning.description.name), \(tuning.familyName) kernels")
    var record = tuning.record
    var outcomes: [Outcome] = []
    for kernel in chosen {
      let search = TuningSearch(tuning: tuning, kernel: kernel, reference: reference, quick: quick)
      let outcome = try search.outcome { say("\(kernel.name): \($0)") }
      outcomes.append(outcome)
      // Standard parameters need no entry, and leave the device's description as it was.
      record.kernels[kernel.name] =
        outcome.best.parameters == outcome.standard.parameters ? nil : outcome.entry(kernel)
      // Kept after each kernel: a long search that is interrupted has not been for nothing.
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
    return selection == .auto ? DeviceCatalogue().automatic.selection : selection
  }

  private func pick(_ all: [Tuning.Kernel]) throws -> [Tuning.Kernel] {
    guard let names = kernels?.split(separator: ",").map(String.init) else { return all }
    for name in names where !all.contains(where: { $0.name == name }) {
      throw UsageError("there is no kernel '\(name)'; there are \(all.map(\.name).joined(separator: ", "))")
    }
    return all.filter { names.contains($0.name) }
  }

  private func table(_ outcomes: [Outcome]) -> String {
    var table = TableText(columns: [
      .init("kernel", .left), .init("parameters", .left), .init("GFLOP/s"), .init("standard"), .init("ratio"),
      .init("tried"), .init("failed"),
    ])
    for outcome in outcomes {
      let (best, standard) = (outcome.best.gigaflops ?? 0, outcome.standard.gigaflops ?? 0)
      table.rows.append([
        outcome.kernel, outcome.best.text, String(format: "%.2f", best), String(format: "%.2f", standard),
        String(format: "%.2f", best / standard), String(outcome.candidates.count),
        String(outcome.candidates.count { $0.gigaflops == nil }),
      ])
    }
    return table.render()
  }
}

extension TuneCommand.Outcome {
  fileprivate func entry(_ kernel: Tuning.Kernel) -> TuningRecord.Entry {
    TuningRecord.Entry(
      parameters: best.parameters, source: kernel.source, gigaflops: best.gigaflops ?? 0,
      standardGigaflops: standard.gigaflops ?? 0, date: Date().ISO8601Format())
  }
}

extension TuningSearch.Result {
  /// `TILE_DEPTH 16, TILE_ROWS 64`
  fileprivate var text: String {
    parameters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}

extension TuningSearch {
  /// - Throws: `ComputeError` where even the standard parameters fail.
  fileprivate func outcome(progress: (String) -> Void) throws -> TuneCommand.Outcome {
    var results: [Result] = []
    for parameters in candidates() {
      let result = measure(parameters)
      results.append(result)
      progress(
        "\(result.text): "
          + (result.gigaflops.map { String(format: "%.2f GFLOP/s", $0) } ?? result.failure ?? ""))
    }
    guard let first = results.first, first.gigaflops != nil else {
      throw ComputeError.unavailable(
        "\(kernel.name) fails with its standard parameters: \(results.first?.failure ?? "")")
    }
    let final = rematch(results)
    progress(
      "final: "
        + final.map { "\($0.text) \(String(format: "%.2f", $0.gigaflops ?? 0))" }.joined(separator: "; "))
    let standard = final[0]
    let best = final.max { ($0.gigaflops ?? 0) < ($1.gigaflops ?? 0) } ?? standard
    return TuneCommand.Outcome(kernel: kernel.name, standard: standard, best: best, candidates: results)
  }
}
