import OperationSuite
import TestSupport
import Testing

@Suite("The same inputs give the same bits", .serialized) struct DeterminismTests {
  @Test("in a second run, and on a new device", arguments: ContractDevice.all)
  func repetition(device: ContractDevice) throws {
    let (one, other) = (try device.make(), try device.make())
    for test in OperationSuite.checked.flatMap(\.quick) {
      let first = try test.run(on: one, seed: 12).map { $0.values.map { Float($0) }.bits }
      let again = try test.run(on: one, seed: 12).map { $0.values.map { Float($0) }.bits }
      let anew = try test.run(on: other, seed: 12).map { $0.values.map { Float($0) }.bits }
      #expect(first == again, "\(test.operation) \(test.shape)")
      #expect(first == anew, "\(test.operation) \(test.shape)")
    }
  }
}
