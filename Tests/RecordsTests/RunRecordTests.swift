import Foundation
import TestSupport
import Testing

@testable import Records

@Suite("The run record")
struct RunRecordTests {
  /// The JSON as Foundation's untyped objects, which do not use our types.
  private func object(_ record: RunRecord) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: RecordCoding.encode(record))
    return try #require(object as? [String: Any])
  }

  @Test("a written record is read back equal, to the last bit of every number")
  func roundTrip() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("run.json")
      try Examples.record.write(to: file)
      #expect(try RunRecord.read(from: file) == Examples.record)
    }
  }

  @Test("infinities and NaN, which JSON lacks, survive in a file")
  func notFinite() throws {
    var record = Examples.record
    record.training?.finalLoss = .infinity
    let back = try RecordCoding.decode(RunRecord.self, from: RecordCoding.encode(record))
    #expect(back == record)
    record.training?.finalLoss = .nan
    let nan = try RecordCoding.decode(RunRecord.self, from: RecordCoding.encode(record))
    #expect(nan.training?.finalLoss?.isNaN == true)
  }

  @Test("the same record gives the same bytes, with sorted keys and a final newline")
  func deterministic() throws {
    let data = try RecordCoding.encode(Examples.record)
    for _ in 0..<5 { #expect(try RecordCoding.encode(Examples.record) == data) }
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.hasSuffix("}\n"))
    let top = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }
    #expect(top == top.sorted())
  }

  @Test("the keys are the documented ones, and every key is written, with null for a missing value")
  func keys() throws {
    let record = try object(Examples.record)
    #expect(
      Set(record.keys) == [
        "schema", "task", "seed", "protocol", "configuration", "device", "versions", "training", "ood",
        "components", "gradient_score", "causal_measure", "rho", "rho_reason", "measures", "heroes", "bloats",
        "pruning", "table6", "rigorous", "timings", "notes",
      ])
    #expect(record["rho"] is NSNull)
    #expect(record["table6"] is NSNull)
    #expect(record["protocol"] as? String == "published")
    func keys(_ value: Any?) -> Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
    #expect(
      keys(record["configuration"]) == [
        "layers", "heads", "d_model", "d_ff", "vocabulary", "positions", "batch_size", "max_steps",
        "learning_rate", "gradient_batches", "mean_batches", "accuracy_samples", "pruning_samples", "quick",
      ])
    #expect(keys(record["device"]) == ["selector", "name", "kind", "driver"])
    #expect(keys(record["training"]) == ["steps", "converged", "accuracies", "final_loss", "seconds"])
    #expect(keys(record["ood"]) == ["length", "accuracy", "in_window", "searched"])
    #expect(
      keys(record["pruning"]) == [
        "baseline", "prune_heroes", "prune_bloats", "in_distribution_baseline",
        "in_distribution_prune_heroes", "in_distribution_prune_bloats", "heroes", "bloats",
      ])
    let components = try #require(record["components"] as? [[String: Any]])
    #expect(
      keys(components[1]) == [
        "name", "layer", "head", "gradient", "causal", "gradient_rank", "causal_rank", "delta", "class",
        "measures",
      ])
    #expect(components[1]["head"] is NSNull)
    #expect(components[0]["class"] as? String == "hero")
    let rankings = try #require(components[0]["measures"] as? [String: Any])
    #expect(keys(rankings["published"]) == ["causal_rank", "delta", "class"])
    let measures = try #require(record["measures"] as? [String: Any])
    #expect(keys(measures["published"]) == ["rho", "rho_reason", "heroes", "bloats"])
  }

  @Test("the section of Table 6 has the documented keys")
  func table6Keys() throws {
    var record = Examples.record
    record.table6 = .init(
      gradient: ["L0_H0": 1], causal: ["L0_H0": 0.5], bloats: ["L0_H0"], idBase: 0.9, idPruned: nil)
    let section = try #require(try object(record)["table6"] as? [String: Any])
    #expect(
      Set(section.keys) == [
        "training", "ood_length", "ood_accuracy", "gradient", "causal", "bloats", "id_base", "id_pruned",
        "note",
      ])
    #expect(try RecordCoding.decode(RunRecord.self, from: RecordCoding.encode(record)) == record)
  }

  @Test("a record older than a nullable key can still be read")
  func missingNullable() throws {
    var older = try object(Examples.record)
    older["table6"] = nil
    older["pruning"] = nil
    let record = try RecordCoding.decode(
      RunRecord.self, from: JSONSerialization.data(withJSONObject: older))
    #expect(record.table6 == nil && record.pruning == nil)
  }

  @Test("two runs that differ only in seconds are equal without their timings")
  func withoutTimings() {
    var other = Examples.record
    other.timings = ["train": 99, "gradients": 1]
    other.training?.seconds = 7
    #expect(other != Examples.record)
    #expect(other.withoutTimings == Examples.record.withoutTimings)
    other.ood.accuracy = 0.71
    #expect(other.withoutTimings != Examples.record.withoutTimings)
  }
}
