import Compute
import Foundation
import ReferenceDevice
import Testing

@testable import OperationSuite

@Suite struct OperationSuiteTests {
  @Test("the reference agrees exactly with itself on every case")
  func referencePasses() throws {
    let verdicts = try validate(ReferenceDevice(), against: ReferenceDevice())
    for verdict in verdicts {
      #expect(verdict.passed && verdict.error == 0, "\(verdict)")
      #expect(verdict.message == nil)
    }
    #expect(Set(verdicts.map(\.operation)).count == OperationSuite.checked.count)
  }

  @Test("a fault in any operation is found", arguments: FaultyDevice.Fault.allCases)
  func faultsAreFound(fault: FaultyDevice.Fault) throws {
    var spoiled: Set<String> = []
    for descriptor in OperationSuite.all {
      let device = FaultyDevice(fault)
      let verdicts = try validate(
        device, against: ReferenceDevice(), operations: [descriptor.name], depth: .quick)
      #expect(verdicts.allSatisfy(\.passed) == device.spoiled.isEmpty, "\(descriptor.name)")
      if !device.spoiled.isEmpty { spoiled.insert(descriptor.name) }
    }
    let exempt: Set<String> =
      switch fault {
      // These outputs have no elements between them, or are integers, which the device does not spoil.
      case .padding: [Adam.name, SegmentNorms.name, Narrow.name]
      // The device spoils floats; this operation reads integers only.
      case .input: [Widen.name]
      default: []
      }
    #expect(Set(OperationSuite.all.map(\.name)).subtracting(spoiled).isSubset(of: exempt))
  }

  @Test("the suite has every operation that Compute declares")
  func complete() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let folder = root.appendingPathComponent("../../Sources/Compute", isDirectory: true)
    var declared: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
      let text = try String(contentsOf: file, encoding: .utf8)
      let operations = text.matches(of: /extension (\w+): DeviceOperation/).map(\.1)
      let names = text.matches(of: /static let name = "(\w+)"/).map { String($0.1) }
      #expect(operations.count == names.count, "\(file.lastPathComponent)")
      declared.formUnion(names)
    }
    #expect(declared == Set(OperationSuite.all.map(\.name)))
  }

  @Test("a thrown error becomes one failing verdict with the error's message")
  func thrownErrors() throws {
    let verdicts = try validate(
      FaultyDevice(.failure), against: ReferenceDevice(), operations: [Matmul.name], depth: .quick)
    // Every quick shape fails by itself.
    #expect(verdicts.count == 6)
    #expect(verdicts.allSatisfy { !$0.passed && $0.message?.contains("CL_OUT_OF_RESOURCES") == true })
  }

  @Test("only the requested operations run, and an unknown name is refused")
  func selection() throws {
    var seen = Set<String>()
    _ = try validate(
      ReferenceDevice(), against: ReferenceDevice(), operations: [Add.name, Adam.name], depth: .quick
    ) { seen.insert($0.operation) }
    #expect(seen == [Add.name, Adam.name])
    #expect(throws: CaseFailure.self) {
      try validate(ReferenceDevice(), against: ReferenceDevice(), operations: ["atention"])
    }
  }

  @Test("inputs depend only on the seed")
  func seeds() throws {
    for descriptor in OperationSuite.all {
      let test = try #require(descriptor.quick.first)
      let first = try test.run(on: ReferenceDevice(), seed: 1).map(\.values)
      let again = try test.run(on: ReferenceDevice(), seed: 1).map(\.values)
      let other = try test.run(on: ReferenceDevice(), seed: 2).map(\.values)
      #expect(first == again)
      #expect(first != other, "\(descriptor.name)")
    }
  }

  @Test("the cases of an operation have different shapes, and every case counts its work")
  func cases() {
    for descriptor in OperationSuite.all {
      let shapes = descriptor.cases.map(\.shape)
      #expect(Set(shapes).count == shapes.count, "\(descriptor.name): \(shapes)")
      #expect(!descriptor.benchmarks.isEmpty)
      for test in descriptor.benchmarks { #expect(test.bytes > 0 && test.flops >= 0) }
    }
  }

  @Test("a prepared case can be launched repeatedly")
  func repeatedLaunches() throws {
    let test = try #require(OperationSuite.matmul.quick.first)
    let prepared = try test.prepare(on: ReferenceDevice(), seed: 3)
    try prepared.launch()
    let once = try prepared.outputs().map(\.values)
    try prepared.launch()
    #expect(try prepared.outputs().map(\.values) == once)
  }
}

@Suite struct VerdictTests {
  private func verdict(error: Double, bound: Double = 1e-6) -> Verdict {
    Verdict(
      operation: "add", shape: "rows 1", output: "output", error: error, bound: bound, device: "cpu",
      message: "why")
  }

  @Test("an error of NaN fails, and an error equal to the bound passes")
  func passing() {
    #expect(!verdict(error: .nan).passed)
    #expect(!verdict(error: .infinity).passed)
    #expect(verdict(error: 1e-6).passed)
    #expect(!verdict(error: 1.1e-6).passed)
    #expect(verdict(error: 0, bound: 0).passed)
  }

  @Test("a verdict survives JSON, which has no NaN")
  func json() throws {
    for error in [0.25, .nan, .infinity] {
      let before = verdict(error: error)
      let after = try JSONDecoder().decode(Verdict.self, from: JSONEncoder().encode(before))
      #expect(after.passed == before.passed)
      #expect(after.error == before.error || !before.error.isFinite && after.error.isNaN)
      #expect(after.shape == before.shape && after.message == "why")
    }
  }

  @Test("the relative error is a ratio of norms, and infinite for a non-zero result instead of zeros")
  func relativeErrors() {
    #expect(relativeError([3, 4.5], [3, 4]) == 0.1)
    #expect(relativeError([0, 0], [0, 0]) == 0)
    #expect(relativeError([0, 1e-30], [0, 0]) == .infinity)
    #expect(relativeError([.nan, 1], [1, 1]).isNaN)
    #expect(relativeError([1], [1, 1]).isNaN)
  }
}
