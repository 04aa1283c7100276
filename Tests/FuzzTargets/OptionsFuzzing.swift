import Foundation
import FuzzChecks
import Study
import Sweep

/// Examines bytes as the options of a study and as those of a sweep.
func examineOptions(_ bytes: Data) throws {
  let sections = ["include", "exclude"]
  guard
    let document = try outcome({ try OptionsDocument(data: bytes, name: "f", sections: sections) })
  else { return }
  for note in document.notes { try requireLine(note) }
  let all = document.given + document.sections.values.flatMap { $0.flatMap { $0 } }
  guard try hasFewRuns(all) else { return }
  // One of the two, so that twice as many inputs are tried.
  if document.sections.isEmpty && bytes.count.isMultiple(of: 2) {
    try examineStudy(document)
  } else {
    try examineSweep(document)
  }
}

/// Whether the plans are quickly made: their number is the user's business.
private func hasFewRuns(_ given: [GivenOption]) throws -> Bool {
  var count = 1
  for one in given {
    guard let items = try outcome({ try one.items() }) else { continue }
    count *= items.count
    if one.option == .seeds || one.option == .seedCount {
      let options = try outcome { try StudyOptions([one]) }
      count *= options?.seeds.count ?? 1
    }
    guard count <= 500 else { return false }
  }
  return true
}

private func examineStudy(_ document: OptionsDocument) throws {
  guard let options = try outcome({ try StudyOptions(document.given) }) else { return }
  guard let dry = try outcome({ try options.dryRun() }) else { return }
  // What looks like an alias counts, also within a word: many of them are refused.
  guard dry.utf8.count(where: { $0 == UInt8(ascii: "*") }) < 4 else { return }
  let again = try success("reading the options that are used") {
    try OptionsFile(text: dry, name: "f").options
  }
  try require(try again.used() == options.used(), "the options changed: \(dry)")
  try require(try again.dryRun() == dry, "written twice, the options differ: \(dry)")
}

private func examineSweep(_ document: OptionsDocument) throws {
  let plan = try outcome {
    try SweepPlan(
      SweepGrid(document.given), including: (document.sections["include"] ?? []).map(SweepGrid.init),
      excluding: (document.sections["exclude"] ?? []).map(SweepGrid.init))
  }
  guard let plan else { return }
  let frozen = try success("freezing") { try SweepFolder.frozen(plan) }
  let again = try success("reading a plan again") { try SweepFolder.plan(frozen: frozen, file: "f") }
  try require(again == plan, "the plan changed")
  let names = plan.settings.map(\.name)
  try require(Set(names).count == names.count, "two settings have one name: \(names)")
}
