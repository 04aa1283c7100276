import Records
import Testing

@testable import Study

@Suite("The length at which components are scored where none lies in the window")
struct OODLengthTests {
  private func searched(_ accuracies: Double...) -> [RunRecord.OutOfDistribution.Searched] {
    accuracies.enumerated().map { .init(length: 8 + $0, accuracy: $1) }
  }

  @Test("has the accuracy nearest to one half, from above or from below, and of two the first")
  func nearest() {
    #expect(searched(0.1, 0.8, 0.95).nearestToOneHalf?.length == 9)
    #expect(searched(0.0, 0.19, 0.9).nearestToOneHalf?.length == 9)
    #expect(searched(0.1, 0.1, 0.95).nearestToOneHalf?.length == 8)
    #expect(searched(0.25, 0.75).nearestToOneHalf?.length == 8)
    #expect(searched().nearestToOneHalf == nil)
  }
}
