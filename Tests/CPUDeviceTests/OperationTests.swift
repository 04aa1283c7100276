import CPUDevice
import OperationSuite
import ReferenceDevice
import Testing

/// A build of the kernels and the number of threads it runs on.
struct Setting: Sendable, CustomTestStringConvertible {
  var variant: CPUVariant
  var threads: Int

  var testDescription: String { "\(variant.rawValue), \(threads) threads" }

  static let all = CPUVariant.supported.flatMap { variant in
    [1, 3].map { Setting(variant: variant, threads: $0) }
  }
}

@Suite("Every operation on the CPU device") struct OperationTests {
  @Test("every case of the suite agrees with the reference", arguments: Setting.all)
  func agreement(setting: Setting) throws {
    let device = try CPUDevice(variant: setting.variant, threads: setting.threads)
    // One thread gives the same bits as several, which a test below checks. The quick cases, which show gross
    // faults, are therefore enough.
    let depth: OperationSuite.Depth = setting.threads == 1 ? .quick : .full
    let verdicts = try validate(device, against: ReferenceDevice(), depth: depth, seed: 11)
    #expect(Set(verdicts.map(\.operation)) == Set(OperationSuite.checked.map(\.name)))
    for verdict in verdicts { #expect(verdict.passed, "\(verdict)") }
  }

  @Test(
    "the same inputs give the same bits in every run and with any number of threads",
    arguments: CPUVariant.supported)
  func determinism(variant: CPUVariant) throws {
    let one = try CPUDevice(variant: variant, threads: 1)
    let others = [one] + (try [2, 5, 9].map { try CPUDevice(variant: variant, threads: $0) })
    // The division of work does not depend on the variant, so one variant is enough for the large cases.
    for test in OperationSuite.all.flatMap({ variant == .best ? $0.cases : $0.quick }) {
      let expected = try test.run(on: one, seed: 12).map { $0.values.map(\.bitPattern) }
      for device in others {
        let values = try test.run(on: device, seed: 12).map { $0.values.map(\.bitPattern) }
        let isSame = values == expected
        #expect(isSame, "\(test.operation) \(test.shape), \(device.description.computeUnits) threads")
      }
    }
  }
}
