import CPUDevice
import Compute
import Foundation
import OperationSuite
import ReferenceDevice
import Testing

@testable import Benchmark

/// A device with one parameter, which sets how slow it is, or makes it wrong.
private final class TunedDevice: ForwardingDevice {
  let device: any Device
  private let milliseconds: Int

  init(_ parameters: [String: Int]) throws {
    device = try CPUDevice(threads: 1)
    milliseconds = try #require(parameters["MILLISECONDS"])
  }

  func perform(_ operation: any DeviceOperation) throws {
    if milliseconds == 13 { throw ComputeError.unavailable("thirteen") }
    if milliseconds == 0 { return }
    Thread.sleep(forTimeInterval: 1e-3 * Double(milliseconds))
    try operation.run(on: device)
  }
}

@Suite("Search of kernel parameters", .serialized) struct TuningSearchTests {
  private func search(_ defaults: Int, _ candidates: [Int], quick: Bool = true) -> TuningSearch {
    TuningSearch(
      TuningSearch.Subject(
        kernel: "add", defaults: ["MILLISECONDS": defaults],
        candidates: candidates.map { ["MILLISECONDS": $0] }, runs: { $0 == Add.name },
        makeDevice: TunedDevice.init), reference: ReferenceDevice(), quick: quick)
  }

  @Test("the fastest correct candidate wins; wrong and failing candidates are never chosen and say why")
  func best() throws {
    var lines: [String] = []
    let outcome = try search(8, [0, 2, 8, 13, 20]).run { lines.append($0) }
    #expect(outcome.kernel == "add")
    #expect(outcome.defaults.parameters == ["MILLISECONDS": 8])
    #expect(outcome.best.parameters == ["MILLISECONDS": 2])
    #expect(outcome.candidates.map { $0.parameters["MILLISECONDS"] } == [8, 0, 2, 13, 20])
    #expect(outcome.candidates.map { $0.gigaflops == nil } == [false, true, false, true, false])
    #expect(outcome.candidates[1].failure?.hasPrefix("add, rows 33") == true)
    #expect(outcome.candidates[3].failure?.contains("thirteen") == true)
    #expect(lines.count == 6 && lines[0].hasPrefix("MILLISECONDS 8: ") && lines[5].hasPrefix("final: "))
  }

  @Test("the defaults remain if no candidate is faster")
  func defaultsStay() throws {
    let outcome = try search(2, [2, 6, 10]).run { _ in }
    #expect(outcome.best.parameters == outcome.defaults.parameters)
  }

  @Test("the search ends with an error if the defaults fail")
  func failingDefaults() {
    #expect {
      try search(13, [2, 13]).run { _ in }
    } throws: { "\($0)".contains("add fails with its default parameters") }
  }

  @Test("a quick search tries the defaults and at most eight candidates, spread over all of them")
  func quickCount() throws {
    let tried = try search(1, Array(1...33)).run { _ in }.candidates.map { $0.parameters["MILLISECONDS"] }
    #expect(tried == [1, 2, 6, 10, 14, 18, 22, 26, 30])
  }
}
