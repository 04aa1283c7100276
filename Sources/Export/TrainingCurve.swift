import Foundation
import Records

/// How one training went, step by step, and what was measured after it.
struct TrainingCurve: Sendable {
  static let tags = ["loss", "accuracy"]

  /// By step.
  let steps: [TrainingLog.Step]
  /// Whether the steps have losses; a record alone has none.
  let hasLosses: Bool
  /// By tag.
  let outcome: [(tag: String, value: Double)]
  private let last: Int

  /// - Parameter log: the run's `train.csv`; where it is missing, the accuracies are the record's.
  /// - Throws: `RecordError` for a log that cannot be read.
  init(_ record: RunRecord, log: URL) throws {
    hasLosses = try FileKind.of(log) != nil
    steps =
      hasLosses
      ? try TrainingLog.read(from: log)
      : (record.training?.accuracies ?? []).map { .init(step: $0.step, loss: .nan, accuracy: $0.accuracy) }
    last = record.training?.steps ?? steps.last?.step ?? 0
    outcome =
      [("ood/accuracy", record.ood.accuracy), ("ood/length", Double(record.ood.length))]
      + record.measures.sorted { $0.key < $1.key }.compactMap { name, measure in
        measure.rho.map { ("rho/\(name)", $0) }
      }
      + [
        ("classes/heroes", Double(record.heroes.count)), ("classes/bloats", Double(record.bloats.count)),
      ]
  }

  /// A scalar of a step; `nil` if it was not measured.
  func value(_ tag: String, _ step: TrainingLog.Step) -> Double? {
    tag == Self.tags[0] ? (hasLosses ? step.loss : nil) : step.accuracy
  }

  var events: EventFile {
    var file = EventFile()
    for step in steps {
      file.add(Self.tags.compactMap { tag in value(tag, step).map { (tag, $0) } }, step: step.step)
    }
    file.add(outcome, step: last)
    return file
  }
}
