import Compute
import Dispatch
import Foundation
import Transformer

/// The interactive mode: another program decides when to run, so it can alternate this program with its
/// peers.
///
/// After the warm-up a line `{"ready": name}` is printed. Each input line `run N` is answered with one line
/// of JSON: `name`, the `ms` of each of N runs, `parts` with the milliseconds of each part by name, the
/// `peak_bytes` of the process so far and, for trainings, the `gigaflop` that a run needs. `quit` or the end
/// of the input ends the program.
package struct Serving {
  package var workload: WorkloadName
  /// The number of models trained side by side. Times are the share of one model.
  package var ensemble: Int
  /// How the training steps keep activations.
  package var activations: ActivationPrecision
  /// The number of runs before the first that counts; nil for the workload's default.
  package var warmUp: Int?

  package init(
    workload: WorkloadName, ensemble: Int = 1, activations: ActivationPrecision = .float32, warmUp: Int? = nil
  ) {
    self.workload = workload
    self.ensemble = ensemble
    self.activations = activations
    self.warmUp = warmUp
  }

  struct Ready: Codable { var ready: String }

  struct Answer: Codable {
    var name: String
    var ms: [Double]
    var parts: [String: [Double]]?
    var peakBytes: Int?
    var gigaflop: Double?

    enum CodingKeys: String, CodingKey {
      case name, ms, parts
      case peakBytes = "peak_bytes"
      case gigaflop
    }
  }

  struct Refusal: Codable { var error: String }

  /// Answers the lines of standard input until `quit` or the end of the input.
  package func serve(
    on device: any Device, input: () -> String? = { readLine() }, output: (String) -> Void
  ) throws {
    func say(_ value: some Encodable) throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      output(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
    let subject = try workload.make(on: device, ensemble: ensemble, activations: activations)
    for _ in 0..<(warmUp ?? workload.warmUp) { _ = try subject.run() }
    let name =
      "causalgap \(device.description.selector)" + (ensemble == 1 ? "" : " × \(ensemble)")
      + (activations == .float32 ? "" : " \(activations.rawValue)")
    try say(Ready(ready: name))
    while let line = input() {
      let words = line.split(separator: " ")
      if words.first == "quit" { return }
      guard words.count == 2, words[0] == "run", let count = Int(words[1]), (1...100_000).contains(count)
      else {
        try say(Refusal(error: "expected 'run N', got '\(line)'"))
        continue
      }
      try say(answer(name, try (0..<count).map { _ in try subject.run() }, subject))
    }
  }

  private func answer(_ name: String, _ times: [WorkloadTime], _ subject: any Workload) -> Answer {
    let scale = 1e3 / Double(ensemble)
    var parts: [String: [Double]] = [:]
    for time in times {
      for part in time.parts { parts[part.name, default: []].append(part.seconds * scale) }
    }
    let flops = (subject as? TrainingWorkload)?.flops.suffix(times.count)
    return Answer(
      name: name, ms: times.map { $0.seconds * scale }, parts: parts.isEmpty ? nil : parts,
      peakBytes: peakMemory(),
      gigaflop: flops.map { $0.reduce(0, +) / Double($0.count) / Double(ensemble) * 1e-9 })
  }
}
