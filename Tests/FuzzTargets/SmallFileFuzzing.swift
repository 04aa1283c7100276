import Foundation
import FuzzChecks
import OpenCLDevice
import Records
import Study
import Sweep

/// The files beside safetensors, records and options. An input begins with the letter of its kind: A, B, …
enum SmallFile: Int, CaseIterable {
  /// `plan.json` of a sweep, with its hash around it.
  case frozenPlan
  /// The plan in it: no random text has the right hash.
  case plan
  /// `state.json` of a run in a sweep.
  case state
  /// A line of `events.jsonl`.
  case event
  /// What a worker of a sweep is to do, and what it says.
  case order, message
  /// `train.json`.
  case training
  /// The state in `training.safetensors`.
  case snapshot
  /// `.lock.claim`
  case claim
  /// The description of a run.
  case description
  /// Options of a study in JSON.
  case options
  /// The best kernel parameters of a device.
  case tuning
  /// `train.csv`
  case log
}

func examineSmallFile(_ bytes: Data) throws {
  guard let first = bytes.first else { return }
  let kind = SmallFile(rawValue: Int(first &- UInt8(ascii: "A")) % SmallFile.allCases.count)
  let text = Data(bytes.dropFirst())
  switch kind {
  case .frozenPlan: _ = try outcome { try SweepFolder.plan(frozen: text, file: "f") }
  case .plan: try examinePlan(text)
  case .state: let _: RunState? = try decoded(text)
  case .event: let _: SweepEvent? = try decoded(text)
  case .order: let _: WorkerOrder? = try decoded(text)
  case .message: let _: WorkerMessage? = try decoded(text)
  case .training:
    let training: TrainingDescription? = try decoded(text)
    guard let training else { return }
    let summed = try success("writing with a checksum") { try RecordCoding.encodeWithChecksum(training) }
    _ = try success("reading with a checksum") {
      try RecordCoding.decodeChecked(TrainingDescription.self, from: summed)
    }
  case .snapshot: try examineSnapshot(String(decoding: text, as: UTF8.self))
  case .claim: _ = LockClaim.Holder(text: text)
  case .description:
    let description: PlanDescription? = try decoded(text)
    guard let description, let plan = try outcome({ try RunPlan(description) }) else { return }
    _ = try outcome { try plan.validate() }
    try require(plan.description == description, "a plan changed")
  case .options: let _: StudyOptions? = try decoded(text)
  case .tuning: let _: TuningRecord? = try decoded(text)
  case .log: try examineLog(String(decoding: text, as: UTF8.self))
  case nil: break
  }
}

/// As `decoded`, with the keys of version 0.1.0.
private func examineSnapshot(_ text: String) throws {
  let state: TrainingSnapshot.State
  do {
    state = try TrainingSnapshot.State(json: text)
  } catch {
    return try requireLine(RecordCoding.explain(error))
  }
  let _: TrainingSnapshot.State? = try success("writing a snapshot's state") {
    try decoded(RecordCoding.encode(state))
  }
}

private func examinePlan(_ text: Data) throws {
  let plan: SweepPlan? = try decoded(text)
  guard let plan else { return }
  let frozen = try success("freezing") { try SweepFolder.frozen(plan) }
  if let again = try outcome({ try SweepFolder.plan(frozen: frozen, file: "f") }) {
    try require(try again.hash() == plan.hash(), "a frozen plan changed")
  }
  guard plan.runCount <= 100 else { return }
  for run in plan.runs {
    if let own = try outcome({ try plan.plan(of: run) }) { _ = try outcome { try own.validate() } }
  }
}

private func examineLog(_ text: String) throws {
  guard let rows = try outcome({ try TrainingLog.rows(of: text, file: "f") }) else { return }
  let isOfData = text.hasPrefix("step,loss,accuracy,held_out_loss\n")
  func field(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
  let again =
    "step,loss,accuracy\(isOfData ? ",held_out_loss" : "")\n"
    + rows.map {
      "\($0.step),\($0.loss),\(field($0.accuracy))\(isOfData ? ",\(field($0.heldOutLoss))" : "")\n"
    }.joined()
  let read = try success("reading a log again") { try TrainingLog.rows(of: again, file: "f") }
  // A loss may be NaN.
  try require("\(read)" == "\(rows)", "a log changed")
}
