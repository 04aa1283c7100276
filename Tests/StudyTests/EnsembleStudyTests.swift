import CPUDevice
import Foundation
import Records
import Safetensors
import Tasks
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("Studies that train ensembles")
struct EnsembleStudyTests {
  private let plans = [
    RecordedTask.plan(.sort, maxSteps: 30, seed: 1), RecordedTask.plan(.reverse, maxSteps: 30, seed: 2),
    RecordedTask.plan(.sort, maxSteps: 30, seed: 3),
  ]

  private func run(
    _ plans: [RunPlan], _ ensemble: EnsembleSize, in folder: URL, supervisor: Supervisor = Supervisor()
  ) throws -> [RunRecord] {
    try Study(plans, on: CPUDevice(threads: 1), in: folder, ensemble: ensemble, supervisor: supervisor).run()
  }

  @Test("give the same records for every ensemble size, even if it changes during the study")
  func records() throws {
    let alone = try withFolder { try run(plans, .fixed(1), in: $0) }
    #expect(alone.count == 3)
    #expect(alone.filter { $0.table6 != nil }.count == 2)
    for size in [2, 5] {
      try withFolder { folder in
        #expect(throws: StudyError.self) {
          try run(plans, .fixed(size), in: folder, supervisor: stopping(after: 17))
        }
        let records = try run(plans, .fixed(7 - size), in: folder)
        #expect(records.map(\.withoutTimings) == alone.map(\.withoutTimings))
      }
    }
  }

  @Test("report a diverged training after the records of the other runs are written")
  func diverged() throws {
    try withFolder { folder in
      #expect(throws: StudyError.self) {
        try run(plans, .fixed(5), in: folder, supervisor: stopping(after: 4))
      }
      let place = StudyFolder(folder).run(task: "reverse", seed: 2)
      let snapshot = place.appendingPathComponent("training.safetensors")
      let kept = try SafetensorsFile(contentsOf: snapshot)
      let count = try kept.shape(of: "parameters")[0]
      let lost = try SafetensorsTensor(
        name: "parameters", shape: [count], floats: [Float](repeating: 1e30, count: count))
      try SafetensorsFile(
        metadata: kept.metadata.filter { $0.key != "causalgap_checksum" },
        tensors: kept.tensors.map { $0.name == "parameters" ? lost : $0 }
      ).write(to: snapshot)
      #expect {
        try run(plans, .fixed(5), in: folder)
      } throws: { error in
        guard case StudyError.failed(let runs) = error else { return false }
        return runs.map(\.name) == [RunName(task: "reverse", seed: 2)] && "\(error)".contains("step 5")
      }
      #expect(try StudyFolder(folder).readRecords().map(\.seed) == [1, 3])
      let failure = try #require(try StudyFolder(folder).failures().first)
      #expect((failure.task, failure.seed) == ("reverse", 2) && failure.reason.contains("step 5"))
      try FileManager.default.removeItem(at: snapshot)
      #expect(try run(plans, .fixed(5), in: folder).map(\.seed).sorted() == [1, 2, 3])
      #expect(!FileManager.default.fileExists(atPath: place.appendingPathComponent("state.json").path))
    }
  }
}

@Suite("The size of an ensemble")
struct EnsembleSizeTests {
  @Test("is a number or auto, and auto is one on a processor")
  func size() throws {
    #expect(try EnsembleSize("auto") == .auto)
    #expect(try EnsembleSize("12") == .fixed(12))
    for text in ["0", "-1", "1025", "many", ""] {
      #expect { try EnsembleSize(text) } throws: { "\($0)".contains("'\(text)'") }
    }
    let plan = RecordedTask.plan(.sort)
    let size = try EnsembleSize.auto.resolve(
      plan, trainings: 20, on: CPUDevice(threads: 1), supervisor: Supervisor())
    #expect(size == 1)
  }

  @Test("grows until more models are not faster, do not fit, or no more models remain")
  func probe() throws {
    func tried(_ limit: Int, _ rate: (Int) -> Double?) -> (Int, [Int]) {
      let choice = EnsembleProbe.choose(upTo: limit, rate: rate)
      return (choice.size, choice.rates.map(\.models))
    }
    // A device that trains 16 models as fast as one.
    #expect(tried(200) { Double(min($0, 16)) } == (16, [1, 4, 16, 64]))
    #expect(tried(11) { Double($0) } == (11, [1, 4, 11]))
    #expect(tried(1) { Double($0) } == (1, [1]))
    #expect(tried(50) { $0 > 4 ? nil : Double($0) } == (4, [1, 4]))
    // A device with two processors, equally fast at all sizes.
    #expect(tried(50) { 30 + Double($0) * 0.01 } == (4, [1, 4]))
    #expect(tried(50) { 30 - Double($0) } == (1, [1, 4]))
  }

  @Test("is measured with real training steps")
  func measured() throws {
    let choice = try EnsembleProbe(plan: RecordedTask.plan(.sort), device: CPUDevice(threads: 1)).choose(
      upTo: 6)
    #expect([1, 4, 6].contains(choice.size))
    #expect(choice.rates.allSatisfy { $0.stepsPerSecond > 0 && $0.stepsPerSecond.isFinite })
  }

  @Test("fits memory and the largest buffer, and grows with both")
  func memory() throws {
    let plan = RunPlan(task: .sort, seed: 1, studyProtocol: .published, model: ModelConfiguration())
    let gibibyte = 1_073_741_824.0
    func device(_ memory: Double) -> MemoryRoom {
      MemoryRoom(device: memory, host: .infinity, isShared: false)
    }
    let sizes = try [1, 8, 24, 140].map {
      try plan.largestEnsemble(in: device($0 * gibibyte), largestAllocation: nil)
    }
    #expect(sizes == sizes.sorted() && Set(sizes).count == 4)
    #expect(sizes[3] > 100)
    // The index of a kernel cannot exceed 2³¹ elements.
    let largestBuffer = Double(4 * ParameterStore.limit(largestAllocation: nil))
    for (memory, size) in zip([1.0, 8, 24, 140], sizes) {
      func fits(_ models: Int) throws -> Bool {
        let needed = try plan.memory(models: models, largestAllocation: nil)
        return needed.bytes <= 0.8 * memory * gibibyte && needed.largestBuffer <= largestBuffer
      }
      #expect(try fits(size))
      #expect(try size == 1024 || !fits(size + 1), "\(size) models in \(memory) GiB")
    }
    let parameters = 4 * ParameterLayout(plan.model).count
    let limited = try plan.largestEnsemble(
      in: device(140 * gibibyte), largestAllocation: 5 * parameters)
    #expect(limited < sizes[3])
    func largest(_ models: Int) throws -> Double {
      try plan.memory(models: models, largestAllocation: 5 * parameters).largestBuffer
    }
    #expect(try largest(limited) <= Double(5 * parameters))
    #expect(try largest(limited + 1) > Double(5 * parameters))
    #expect(try plan.largestEnsemble(in: device(1), largestAllocation: 1) == 1)
    // Finished models lie in the host's memory, which may be the device's.
    let shared = MemoryRoom(device: 8 * gibibyte, host: 8 * gibibyte, isShared: true)
    #expect(try plan.largestEnsemble(in: shared, largestAllocation: nil) < sizes[1])
    let small = MemoryRoom(device: 140 * gibibyte, host: gibibyte / 8, isShared: false)
    #expect(try plan.largestEnsemble(in: small, largestAllocation: nil) < sizes[3])
  }
}
