import CPUDevice
import Compute
import Foundation
import Testing

@testable import Benchmark

@Suite("Benchmark reports") struct ReportTests {
  @Test("the median is the middle value, or the mean of the two middle values")
  func spreads() {
    #expect(Spread([3, 1, 2]) == Spread([1, 2, 3]))
    #expect(Spread([5, 1, 2]).median == 2)
    #expect(Spread([4, 1, 2, 9]).median == 3)
    #expect(Spread([4, 1]).min == 1 && Spread([4, 1]).max == 4)
  }

  @Test("a line fitted to points on a line is that line")
  func fit() throws {
    let points = [1, 2, 4, 8].map {
      ScalingSeries.Point(size: $0, milliseconds: Spread([3 * Double($0) + 2]))
    }
    let series = try ScalingSeries(size: "layers", points: points)
    #expect(abs(series.slope - 3) < 1e-12 && abs(series.intercept - 2) < 1e-12 && abs(series.r2 - 1) < 1e-12)
  }

  @Test("a run of chosen operations times only these, and its report survives JSON")
  func chosenOperations() throws {
    var options = Benchmark.Options()
    options.operations = [Add.name, GatherRows.name]
    options.quick = true
    let report = try Benchmark(on: CPUDevice(threads: 1), options, executable: nil) { _ in }.run()
    let names = report.operations.map(\.operation)
    #expect(Set(names) == [GatherRows.name, Add.name] && names.first == GatherRows.name)
    #expect(report.operations.allSatisfy { $0.milliseconds.median > 0 && $0.share > 0 })
    #expect(report.training.isEmpty && report.evaluation == nil)
    let json = try JSONEncoder().encode(report)
    let again = try JSONDecoder().decode(BenchmarkReport.self, from: json)
    #expect(again.operations.count == names.count && again.roof.gflops == report.roof.gflops)
  }

  @Test("an unknown operation is refused by name")
  func unknownOperation() throws {
    var options = Benchmark.Options()
    options.operations = ["atention"]
    let benchmark = try Benchmark(on: CPUDevice(threads: 1), options, executable: nil) { _ in }
    #expect { try benchmark.run() } throws: { "\($0)".contains("atention") }
  }
}
