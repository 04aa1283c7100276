import ArgumentParser
import Errors
import Foundation
import Importance
import Study
import Transformer

/// The flags for sequences of one's own.
struct OwnDataFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Token sequences to score the model on, safetensors: tokens and targets [B, T], or answer [B]; optional "
        + "corrupted [B, T], foil [B], lengths [B].", valueName: "file"))
  var data: String?
  @Option(
    help: ArgumentHelp(
      "Gradient scores, with --data: all, or names with commas; the default is all but integrated_gradients.",
      valueName: "scores"))
  var scores: String?

  func requireNothing() throws {
    if scores != nil { throw UsageError("--scores chooses the scores of --data; leave it out") }
  }

  /// The analysis of the file's sequences; its name is the file's.
  func analysis(for configuration: ModelConfiguration) throws -> DataAnalysis {
    let file = try path(data ?? "", "--data")
    var analysis = DataAnalysis(
      name: file.deletingPathExtension().lastPathComponent,
      data: try TokenData(contentsOf: file, for: configuration))
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
