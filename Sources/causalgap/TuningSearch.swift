import Compute
import Devices
import Foundation
import OperationSuite

/// Finds the fastest parameters of one kernel: every candidate is held against the reference before it is timed.
struct TuningSearch {
  struct Result: Encodable {
    var parameters: [String: Int]
    /// The geometric mean over the benchmark's shapes, so that a large one counts no more than a small one; nil where
    /// the candidate failed.
    var gigaflops: Double?
    /// Why it failed.
    var failure: String?
  }

  let tuning: Tuning
  let kernel: Tuning.Kernel
  let reference: any Device
  let quick: Bool

  /// Cases timed of each operation in a quick search, and candidates tried.
  private static let quickLimit = (cases: 2, candidates: 8)

  /// The standard parameters first, then the other candidates.
  func candidates() -> [[String: Int]] {
    let standard = tuning.standard(kernel)
    let others = tuning.candidates(kernel).filter { $0 != standard }
    guard quick, others.count > Self.quickLimit.candidates else { return [standard] + others }
    let picked = (0..<Self.quickLimit.candidates).map {
      others[$0 * others.count / Self.quickLimit.candidates]
    }
    return [standard] + picked
  }

  func measure(_ parameters: [String: Int]) -> Result {
    do {
      let device = try tuning.makeDevice(kernel, parameters)
      let verdicts = try validate(device, against: reference, operations: kernel.operations, depth: .quick)
      if let failed = verdicts.first(where: { !$0.passed }) {
        let reason = failed.message ?? "error \(failed.error) over its bound \(failed.bound)"
        return Result(parameters: parameters, failure: "\(failed.operation), \(failed.shape): \(reason)")
      }
      let cases = OperationSuite.all.filter { kernel.operations.contains($0.name) }.flatMap { operation in
        quick ? Array(operation.benchmarks.prefix(Self.quickLimit.cases)) : operation.benchmarks
      }
      let logarithms = try cases.map { log($0.flops / (try time($0, on: device))) }
      let mean = logarithms.reduce(0, +) / Double(logarithms.count)
      return Result(parameters: parameters, gigaflops: exp(mean) * 1e-9)
    } catch {
      return Result(parameters: parameters, failure: "\(error)")
    }
  }

  /// The standard parameters, first, and the two fastest others again, in turns: what else the machine did during a
  /// long search must not pick the winner. The better of two turns counts; who is not 3 % faster than the standard is left out.
  func rematch(_ results: [Result]) -> [Result] {
    let others = results.dropFirst().filter { $0.gigaflops != nil }
      .sorted { ($0.gigaflops ?? 0) > ($1.gigaflops ?? 0) }
    var final = results.prefix(1) + others.prefix(2)
    for index in final.indices { final[index].gigaflops = nil }
    for _ in 0..<2 {
      for index in final.indices {
        let again = measure(final[index].parameters).gigaflops ?? 0
        final[index].gigaflops = max(final[index].gigaflops ?? 0, again)
      }
    }
    let standard = final[0].gigaflops ?? 0
    return Array(
      final.filter { $0.parameters == final[0].parameters || ($0.gigaflops ?? 0) > 1.03 * standard })
  }

  /// Seconds of one launch: the least over rounds that are long enough to measure.
  private func time(_ test: OperationCase, on device: any Device) throws -> Double {
    let prepared = try test.prepare(on: device, seed: 1)
    func seconds(_ launches: Int) throws -> Double {
      let start = ContinuousClock.now
      for _ in 0..<launches { try prepared.launch() }
      try device.synchronize()
      return (ContinuousClock.now - start) / .seconds(1)
    }
    _ = try seconds(1)
    let once = max(try seconds(1), 1e-7)
    let launches = max(1, min(1000, Int((quick ? 0.01 : 0.03) / once)))
    return try (0..<(quick ? 2 : 4)).map { _ in try seconds(launches) / Double(launches) }.min() ?? once
  }
}
