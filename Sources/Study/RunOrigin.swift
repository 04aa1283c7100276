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

  private enum CodingKeys: String, CodingKey {
    case task, seed
    case protocolName = "protocol"
    case configuration, device
  }

  init(_ plan: RunPlan, on device: any Device) {
    task = plan.task.name
    seed = plan.seed
    protocolName = plan.studyProtocol.name
    configuration = plan.recordConfiguration
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
    let settings = try? JSONSerialization.jsonObject(with: RecordCoding.encode(configuration))
    var facts = (settings as? [String: Any] ?? [:]).mapValues { "\($0)" }
    (facts["task"], facts["seed"]) = (task, "\(seed)")
    (facts["protocol"], facts["device"]) = (protocolName, device)
    return facts
  }
}

extension RunPlan {
  /// Whether a record was made under this plan's settings, whatever its task, seed and device.
  package func isSettings(of record: RunRecord) -> Bool {
    record.protocolName == studyProtocol.name && record.configuration == recordConfiguration
  }
}
