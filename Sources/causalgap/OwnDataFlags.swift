import ArgumentParser
import Errors
import Foundation
import Importance
import Study

/// The flags for an analysis on data of one's own.
struct OwnDataFlags: OptionFlags {
  @Option(
    help: ArgumentHelp(
      "Gradient scores, with --data or --text: all, or names with commas; the default is all but integrated_gradients.",
      valueName: "scores"))
  var scores: String?
  @Option(.split) var split
  @Option(.sequences) var sequences

  /// - Throws: `OptionError` for values that are none; `UsageError` for flags without those that they belong to.
  func check(_ data: DataFlags) throws {
    _ = try StudyOptions(given)
    if data.text == nil { try data.refuse(["--split": split, "--sequences": sequences], without: "--text") }
    if !data.isGiven { try data.refuse(["--scores": scores], without: "--data or --text") }
  }

  /// The analysis of the file's sequences; its name is the file's.
  func analysis(of model: FoundDataModel, _ data: DataFlags) throws -> DataAnalysis {
    let options = try StudyOptions(given)
    var analysis =
      if let tokens = data.data {
        try DataAnalysis(model, tokensAt: path(tokens, "--data"))
      } else {
        try DataAnalysis(
          model, data.readText(context: model.context),
          ByteText.Split(rawValue: options.word(.split) ?? "") ?? .heldOut,
          sequences: options.whole(.sequences) ?? 0)
      }
    analysis.scores = try chosen()
    return analysis
  }

  private func chosen() throws -> Set<GradientScore>? {
    guard let scores else { return nil }
    if scores == "all" { return Set(GradientScore.allCases) }
    return try Set(
      scores.split(separator: ",", omittingEmptySubsequences: false).map { name in
        guard let score = GradientScore(rawValue: String(name)) else {
          throw UsageError(
            "--scores: \(unknownText("score", String(name), among: GradientScore.allCases.map(\.rawValue) + ["all"]))"
          )
        }
        return score
      })
  }
}
