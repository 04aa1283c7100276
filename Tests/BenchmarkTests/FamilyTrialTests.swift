import Compute
import Testing

@testable import Benchmark

@Suite("The trial of a device's other family of kernels")
struct FamilyTrialTests {
  private func trial(_ products: [(milliseconds: Double, share: Double)]) -> FamilyTrial {
    FamilyTrial(
      products.map {
        OperationTiming(
          operation: "matmul", shape: "", milliseconds: Spread([$0.milliseconds]), gflops: 1,
          gigabytesPerSecond: 1, share: $0.share, bound: "compute")
      })
  }

  @Test("a device is slow if no product comes near its roof")
  func slow() {
    #expect(trial([(1, 0.02), (1, 0.09)]).isSlow)
    #expect(!trial([(1, 0.02), (1, 0.4)]).isSlow)
  }

  @Test("the other family is taken if all products together gain a quarter")
  func gain() {
    let own = trial([(10, 0.05), (10, 0.05)])
    #expect(trial([(8, 0.1), (8, 0.1)]).replaces(own))
    #expect(!trial([(8, 0.1), (8.1, 0.1)]).replaces(own))
    #expect(!own.replaces(own))
    #expect(trial([(4, 0.1), (4, 0.1)]).speed(against: own) == 2.5)
  }
}
