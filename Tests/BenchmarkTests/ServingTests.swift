import CPUDevice
import Foundation
import Testing

@testable import Benchmark

@Suite("The interactive mode") struct ServingTests {
  private func serve(_ serving: Serving, _ lines: [String]) throws -> [Data] {
    var input = lines
    var output: [Data] = []
    try serving.serve(
      on: CPUDevice(threads: 1), input: { input.isEmpty ? nil : input.removeFirst() },
      output: { output.append(Data($0.utf8)) })
    return output
  }

  @Test("reports when it is ready, answers runs, refuses other lines and ends on request")
  func conversation() throws {
    let serving = Serving(workload: .step, ensemble: 2, warmUp: 0)
    let lines = try serve(serving, ["run 2", "walk 2", "run 0", "run 1", "quit", "run 9"])
    #expect(lines.count == 5)
    #expect(try JSONDecoder().decode(Serving.Ready.self, from: lines[0]).ready == "causalgap cpu × 2")
    let first = try JSONDecoder().decode(Serving.Answer.self, from: lines[1])
    #expect(first.name == "causalgap cpu × 2" && first.ms.count == 2 && first.ms.allSatisfy { $0 > 0 })
    // The work of one model in the study's step.
    let gigaflop = try #require(first.gigaflop)
    #expect((3.3...4.3).contains(gigaflop))
    #expect((first.peakBytes ?? 0) > 1 << 20)
    for refused in lines[2...3] {
      #expect(try JSONDecoder().decode(Serving.Refusal.self, from: refused).error.contains("run N"))
    }
    #expect(try JSONDecoder().decode(Serving.Answer.self, from: lines[4]).ms.count == 1)
  }

  @Test("ends at the end of its input")
  func endOfInput() throws {
    #expect(try serve(Serving(workload: .step, warmUp: 0), []).count == 1)
  }

  @Test("names and counts matrix products as the peers do")
  func matmulParts() throws {
    let line = try #require(try serve(Serving(workload: .matmul, warmUp: 0), ["run 1"]).last)
    let parts = try #require(try JSONDecoder().decode(Serving.Answer.self, from: line).parts)
    #expect(parts.count == 3 * MatmulWorkload.shapes.count)
    #expect(parts["weight gradient 1024×128→512"]?.count == 1)
  }
}
