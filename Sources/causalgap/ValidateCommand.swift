import ArgumentParser
import Compute
import Devices
import Foundation
import OperationSuite
import Report

struct ValidateCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Every operation on every device against the reference.",
    discussion: examples(
      "causalgap validate --quick",
      "causalgap validate --device opencl:0:0 --operations attention,matmul"))

  @Option(help: "A device; all there are by default.") var device: String?
  @Option(help: "Operations, separated by commas; all by default.") var operations: String?
  @OptionGroup var threads: ThreadFlags
  @Flag(help: "Only the few cases that tell a broken driver.") var quick = false
  @Flag(help: "Print every verdict as JSON.") var json = false
  @Flag(help: "Print every case, not only the worst of each operation.") var all = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let selections = try device.map { [try DeviceSelection($0)] } ?? DeviceCatalogue().selections
    let names = operations?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    guard names?.isEmpty != true else { throw UsageError("--operations names no operation") }
    try OperationSuite.check(names ?? [])
    let reference = try DeviceCatalogue.make(.reference)
    var verdicts: [Verdict] = []
    for selection in selections {
      let device = try DeviceCatalogue.make(selection, threads: threads.count())
      if !json {
        say("\(device.description.selector): \(device.description.name), \(device.description.driver)")
      }
      verdicts += try judge(device, reference, names, quick ? .quick : .full)
    }
    if json {
      try printJSON(verdicts)
    } else {
      print(ValidationTable(verdicts, all: all).text)
    }
    let failed = verdicts.count { !$0.passed }
    if failed > 0 {
      complain("causalgap: \(failed) of \(verdicts.count) verdicts failed")
      throw ExitCode(1)
    }
  }
}

/// Calls the suite's `validate`. Inside a command, the name `validate` means the command's own method.
private func judge(
  _ device: any Device, _ reference: any Device, _ names: [String]?, _ depth: OperationSuite.Depth
) throws -> [Verdict] {
  try validate(device, against: reference, operations: names, depth: depth)
}

/// The verdicts as a table: for each device and operation the case nearest to its bound, and every failure.
private struct ValidationTable {
  let text: String

  init(_ verdicts: [Verdict], all: Bool) {
    var table = TableText(columns: [
      .init("device", .left), .init("operation", .left), .init("shape", .left), .init("output", .left),
      .init("error"), .init("bound"), .init("cases"), .init("verdict", .left),
    ])
    func row(_ verdict: Verdict, cases: Int) -> [String] {
      [
        verdict.device, verdict.operation, verdict.shape, verdict.output,
        String(format: "%.1e", verdict.error), String(format: "%.1e", verdict.bound), String(cases),
        verdict.passed ? "passed" : "FAILED \(verdict.message ?? "")",
      ]
    }
    var groups: [(key: [String], verdicts: [Verdict])] = []
    for verdict in verdicts {
      let key = [verdict.device, verdict.operation]
      if groups.last?.key != key { groups.append((key, [])) }
      groups[groups.count - 1].verdicts.append(verdict)
    }
    for (_, group) in groups {
      if all {
        table.rows += group.map { row($0, cases: 1) }
        continue
      }
      let failed = group.filter { !$0.passed }
      let worst = group.max { $0.error / $0.bound < $1.error / $1.bound }
      table.rows += (failed.isEmpty ? [worst].compactMap { $0 } : failed).map { row($0, cases: group.count) }
    }
    text = table.render()
  }
}
