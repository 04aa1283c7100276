import AtomicFile
import CPUDevice
import Compute
import Digests
import Foundation
import Records
import Study

/// What arrangements were measured to be worth, kept in the devices' cache: the next sweep of models of the same shape on
/// the same processors need not measure them again.
struct ArrangementStore {
  /// The folder of the records; with nil none are kept.
  var folder: URL?

  static var standard: ArrangementStore {
    ArrangementStore(folder: DeviceCache.folder()?.appendingPathComponent("arrangements", isDirectory: true))
  }

  /// All that the speed of an arrangement depends on. A record of anything else is not used.
  private struct Key: Codable, Equatable {
    var program: String
    var processor: String
    var arrangements: [Arrangement]
    var model: String
    var batchSize: Int
    var checkpointing: String
    var activations: String

    init(_ arrangements: [Arrangement], _ plan: RunPlan) {
      program = Version.program
      let description = CPUDevice.describe(variant: nil)
      processor = "\(description.name), \(description.driver)"
      self.arrangements = arrangements
      model = "\(plan.model)"
      batchSize = plan.batchSize
      checkpointing = plan.checkpointing.rawValue
      activations = plan.activations.rawValue
    }
  }

  private struct Record: Codable {
    var key: Key
    var rates: [Arrangement.Rate]
  }

  /// - Returns: the rates, if these arrangements were measured before with a plan of this shape.
  func load(_ arrangements: [Arrangement], _ plan: RunPlan) -> [Arrangement.Rate]? {
    let key = Key(arrangements, plan)
    guard let data = file(key).flatMap({ try? Data(contentsOf: $0) }),
      let record = try? RecordCoding.decode(Record.self, from: data), record.key == key,
      record.rates.map(\.arrangement) == arrangements,
      record.rates.allSatisfy({ $0.stepsPerSecond > 0 && $0.stepsPerSecond.isFinite })
    else { return nil }
    return record.rates
  }

  /// Keeps rates. Where they can't be kept, they are measured again the next time.
  func save(_ rates: [Arrangement.Rate], _ plan: RunPlan) {
    let key = Key(rates.map(\.arrangement), plan)
    guard let folder, let file = file(key),
      let data = try? RecordCoding.encode(Record(key: key, rates: rates)),
      (try? StudyFolder.create(folder)) != nil
    else { return }
    try? writeAtomically(data, to: file)
  }

  private func file(_ key: Key) -> URL? {
    guard let text = try? RecordCoding.encode(key) else { return nil }
    return folder?.appendingPathComponent("\(String(fnv1a64(text), radix: 16)).json")
  }
}
