import ArgumentParser
import Errors
import Records
import Report

struct PlanSizeCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "plan-size",
    abstract: "How many seeds and samples a claim about rho needs, from the records of a study.",
    discussion: """
      Rigorous records say how much rho varies over seeds, and their halves how much of that is noise. A pilot of ten seeds is enough to plan with.
      """ + "\n\n"
        + examples(
          "causalgap plan-size results/rigorous --effects 0.1,0.2 --claims 21"))

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "folder")) var folder: String
  @Option(
    help: ArgumentHelp("Differences of rho to be found, each above 0 and at most 2.", valueName: "x[,x…]"))
  var effects = "0.05,0.1,0.2"
  @Option(help: ArgumentHelp("Samples of a causal effect.", valueName: "n[,n…]")) var samples = "100,500,2000"
  @Option(help: ArgumentHelp("The probability of finding it, from 0.5 to below 1.", valueName: "p"))
  var power = 0.8
  @Option(
    help: ArgumentHelp("Claims that are decided together; the level is 0.05 divided by it.", valueName: "n"))
  var claims = 1
  @Flag(help: "Print as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let wanted = try wanted()
    let study = StudyFolder(try path(folder, "the study's folder"))
    let plan = try PlanSize(study.readRigorousRecords(), wanted: wanted)
    guard !plan.quantities.isEmpty else {
      throw RecordError.folder(
        path: study.url.path, reason: "it holds no two rigorous records of a task, which plan-size needs")
    }
    if json { return try printJSON(plan) }
    print([plan.table].text, terminator: "")
  }

  private func wanted() throws -> PlanSize.Wanted {
    let effects = try numbers("--effects", effects) { Double($0).flatMap { $0 > 0 && $0 <= 2 ? $0 : nil } }
    let samples = try numbers("--samples", samples) {
      Int($0).flatMap { (2...1_000_000_000).contains($0) ? $0 : nil }
    }
    guard power >= 0.5, power < 1 else {
      throw UsageError("--power must be from 0.5 to below 1, not \(power)")
    }
    guard (1...10_000).contains(claims) else {
      throw UsageError("--claims must be from 1 to 10000, not \(claims)")
    }
    return PlanSize.Wanted(effects: effects, samples: samples, power: power, claims: claims)
  }

  private func numbers<Number>(_ flag: String, _ text: String, _ parse: (String) -> Number?) throws
    -> [Number]
  {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let number = parse(String(word)) else {
        throw UsageError("\(flag): '\(word)' is not a number that it takes; see 'causalgap help plan-size'")
      }
      return number
    }
  }
}
