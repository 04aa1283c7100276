import Compute
import Foundation
import Records

/// Everything that determines the content of a run's files. A run does not continue or replace files of
/// another origin.
struct RunOrigin: Codable, Equatable {
  var task: String
  var seed: Int
  var protocolName: String
  var configuration: RunRecord.Configuration
  /// The selector of the device.
  var device: String
  /// What the model is trained on, if not on a task.
  var data: DataOrigin?

  private enum CodingKeys: String, CodingKey {
    case task, seed
    case protocolName = "protocol"
    case configuration, device, data
  }

  init(_ plan: RunPlan, on device: any Device) {
    task = plan.task.name
    seed = plan.seed
    protocolName = plan.studyProtocol.name
    configuration = plan.recordConfiguration
    self.device = device.description.selector
  }

  init(_ plan: TrainingPlan, on device: any Device) {
    task = plan.source.name
    seed = plan.seed
    protocolName = plan.protocolName
    configuration = plan.recordConfiguration
    data = plan.data
    self.device = device.description.selector
  }

  init(_ record: RunRecord) {
    task = record.task
    seed = record.seed
    protocolName = record.protocolName
    configuration = record.configuration
    device = record.device.selector
  }

  /// Throws if these files have another origin.
  ///
  /// - Parameter place: where these files are.
  /// - Throws: `StudyError.differentConfiguration`, which names everything that differs.
  func require(_ wanted: RunOrigin, in place: String) throws {
    guard self != wanted else { return }
    let (found, asked) = (facts, wanted.facts)
    throw StudyError.differentConfiguration(
      folder: place,
      // A setting that is off has no key.
      detail: Set(asked.keys).union(found.keys).sorted().filter { found[$0] != asked[$0] }
        .map { "\($0) is \(found[$0] ?? "off"), not \(asked[$0] ?? "off")" }
        .joined(separator: "; "))
  }

  /// All values by their names in a record.
  private var facts: [String: String] {
    var facts = Self.entries(of: configuration)
    if let data {
      for entry in Self.entries(of: data) { facts["data \(entry.key)"] = entry.value }
    }
    (facts["task"], facts["seed"]) = (task, "\(seed)")
    (facts["protocol"], facts["device"]) = (protocolName, device)
    return facts
  }

  /// The values of an object by their keys in JSON.
  private static func entries(of object: some Encodable) -> [String: String] {
    let entries = try? JSONSerialization.jsonObject(with: RecordCoding.encode(object))
    return (entries as? [String: Any] ?? [:]).mapValues { "\($0)" }
  }
}

extension RunPlan {
  /// Whether a record was made under this plan's settings, whatever its task, seed and device.
  package func isSettings(of record: RunRecord) -> Bool {
    record.protocolName == studyProtocol.name && record.configuration == recordConfiguration
  }
}
