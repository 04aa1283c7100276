import ArgumentParser
import Benchmark
import Compute
import Devices
import Errors
import Foundation
import Report
import Transformer

struct BenchCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Speed of a device beside its measured roof, as a table.",
    discussion: """
      With --serve it warms up, prints {"ready": name} and answers each line "run N" with the milliseconds of N runs as \
      JSON, so that another program can alternate it with its peers (Benchmarks/run.py does).
      """ + "\n\n"
        + examples(
          "causalgap bench --device cpu --quick"))

  @OptionGroup(title: "Device") var device: DeviceFlags
  @Option(help: "Only these operations, separated by commas, and nothing larger.") var operations: String?
  @Flag(help: "Three rounds, the study's sizes, no large model.") var quick = false
  @Flag(help: "Only operations at the sizes of large language models; takes gigabytes.") var large = false
  @Flag(help: "Also steps at several numbers of layers, sequences and models.") var scaling = false
  @Flag(help: "Print as JSON.") var json = false
  @Flag(help: "Run a workload when told to on standard input.") var serve = false
  @Option(help: "For --serve: step, gpt2-step, evaluation, analysis, ablations or matmul (default: step).")
  var workload: String?
  @Option(help: "For --serve: models trained side by side; times are of one model's share (default: 1).")
  var ensemble: Int?
  @Option(
    help: "For --serve: the precision in which steps keep activations, as for train (default: float32).")
  var activations: String?
  @Option(help: "For --serve: runs before it is ready.") var warmUp: Int?
  @Flag(
    help: ArgumentHelp(
      "Take a device that is not validated, such as one that computes nothing: queue each operation once, or serve.",
      visibility: .hidden))
  var queueOnly = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    if serve { return try runServer() }
    for (name, isGiven) in [
      ("workload", workload != nil), ("ensemble", ensemble != nil), ("warm-up", warmUp != nil),
      ("activations", activations != nil),
    ]
    where isGiven { throw UsageError("--\(name) is for --serve") }
    let device = try queueOnly ? device.makeUnchecked() : device.make()
    var options = Benchmark.Options()
    options.operations = operations?.split(separator: ",").map(String.init)
    options.quick = quick
    options.large = large
    options.scaling = scaling
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let benchmark = Benchmark(on: device, options, executable: own, progress: say)
    if queueOnly { return try benchmark.queueOperations() }
    let report = try benchmark.run()
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      print(BenchTables(report).text)
    }
  }

  private func runServer() throws {
    let (name, ensemble) = (workload ?? "step", ensemble ?? 1)
    guard let workload = WorkloadName(rawValue: name) else {
      throw UsageError(unknownText("workload", name, among: WorkloadName.allCases.map(\.rawValue)))
    }
    let precision = activations ?? ActivationPrecision.float32.rawValue
    guard let activations = ActivationPrecision(rawValue: precision) else {
      throw UsageError(
        unknownText(
          "precision of activations", precision, among: ActivationPrecision.allCases.map(\.rawValue)))
    }
    guard activations == .float32 || workload == .step || workload == .gpt2Step else {
      throw UsageError("--activations is for steps of training, not for \(name)")
    }
    guard (1...1024).contains(ensemble), (0...1000).contains(warmUp ?? 0) else {
      throw UsageError("an ensemble has 1 to 1024 models, a warm-up 0 to 1000 runs")
    }
    let chosen = try queueOnly ? device.makeUnchecked() : device.make()
    let serving = Serving(workload: workload, ensemble: ensemble, activations: activations, warmUp: warmUp)
    try serving.serve(on: chosen) {
      print($0)
      fflush(nil)
    }
  }
}
