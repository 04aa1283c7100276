import ArgumentParser
import Errors
import Foundation
import Importance
import Study
import Transformer

/// The flags for an analysis on data of one's own.
struct OwnDataFlags: OptionFlags {
  @Option(
    help: ArgumentHelp(
      "Gradient scores, with --data or --text: all, or names with commas; the default is all but integrated_gradients.",
      valueName: "scores"))
  var scores: String?
  @Option(
    help: ArgumentHelp(
      "Interventions, with --data or --text: all, or names with commas; mean is always among them. The default is all that the data allow.",
      valueName: "interventions"))
  var interventions: String?
  @Option(
    help: ArgumentHelp(
      "The intervention whose effects gradient scores of components estimate, with --data or --text: mean, zero, or noising, which takes "
        + "corrupted tokens (default: mean)",
      valueName: "intervention"))
  var estimate: String?
  @Option(
    help: ArgumentHelp(
      "The metric whose changes gradient scores and scores of edges estimate, with --data or --text: target_log_probability, or "
        + "logit_difference, which takes foils (default: target_log_probability)",
      valueName: "metric"))
  var metric: String?
  @Option(
    help: ArgumentHelp(
      "The precision of weights on the device, with --data or --text: float32, or keep, which leaves matrices in the half precision of "
        + "their files. Results have the same bits (default: float32)",
      valueName: "weights"))
  var weights: String?
  @Flag(
    help:
      "Measure how faithful circuits of the best components are, by every score, with --data or --text; circuits in the output folder."
  )
  var faithfulness = false
  @Flag(
    help:
      "Also score every edge, with --data whose file has corrupted tokens: edges.csv and circuits in the output folder."
  )
  var edges = false
  @Flag(
    help:
      "Score every edge, and measure how faithful circuits of the best edges are at MIB's sizes: edge_faithfulness.csv."
  )
  var edgeFaithfulness = false
  @Option(.split) var split
  @Option(.sequences) var sequences

  /// - Throws: `OptionError` for values that are none; `UsageError` for unknown names, and for flags without those that they belong to.
  func check(_ data: DataFlags) throws {
    _ = try StudyOptions(given)
    _ = (try chosenScores(), try chosenInterventions(), try chosenPrecision())
    _ = (try chosenEstimate(), try chosenMetric())
    if data.text == nil { try data.refuse(["--split": split, "--sequences": sequences], without: "--text") }
    if data.data == nil {
      try data.refuse(
        ["--edges": edges ? "" : nil, "--edge-faithfulness": edgeFaithfulness ? "" : nil], without: "--data")
    }
    if !data.isGiven {
      try data.refuse(
        [
          "--scores": scores, "--interventions": interventions, "--estimate": estimate, "--metric": metric,
          "--weights": weights, "--faithfulness": faithfulness ? "" : nil,
        ],
        without: "--data or --text")
    }
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
    analysis.scores = try chosenScores()
    analysis.interventions = try chosenInterventions()
    analysis.faithfulness = faithfulness
    (analysis.edges, analysis.edgeFaithfulness) = (edges, edgeFaithfulness)
    if let precision = try chosenPrecision() { analysis.weights = precision }
    if let estimated = try chosenEstimate() { analysis.estimated = estimated }
    if let metric = try chosenMetric() { analysis.metric = metric }
    return analysis
  }

  private func chosenScores() throws -> Set<GradientScore>? {
    try scores.map { try chosen($0, "--scores", "score") }
  }

  /// Nil for all that the data allow.
  private func chosenInterventions() throws -> Set<InterventionMethod>? {
    guard let interventions, interventions != "all" else { return nil }
    return try chosen(interventions, "--interventions", "intervention")
  }

  private func chosenPrecision() throws -> WeightPrecision? {
    try weights.map { try oneOf(WeightPrecision.allCases, $0, "--weights", "precision") }
  }

  private func chosenEstimate() throws -> InterventionMethod? {
    try estimate.map {
      try oneOf(DataAnalysis.estimable, $0, "--estimate", "intervention to estimate")
    }
  }

  private func chosenMetric() throws -> GradientMetric? {
    try metric.map { try oneOf(GradientMetric.allCases, $0, "--metric", "metric") }
  }

  private func oneOf<Value: RawRepresentable<String>>(
    _ all: [Value], _ name: String, _ flag: String, _ what: String
  ) throws -> Value {
    guard let value = all.first(where: { $0.rawValue == name }) else {
      throw UsageError("\(flag): \(unknownText(what, name, among: all.map(\.rawValue)))")
    }
    return value
  }

  /// The values that a list names.
  private func chosen<Value: RawRepresentable<String> & CaseIterable & Hashable>(
    _ list: String, _ flag: String, _ what: String
  ) throws -> Set<Value> {
    if list == "all" { return Set(Value.allCases) }
    return try Set(
      list.split(separator: ",", omittingEmptySubsequences: false).map { name in
        guard let value = Value(rawValue: String(name)) else {
          let known = Value.allCases.map(\.rawValue) + ["all"]
          throw UsageError("\(flag): \(unknownText(what, String(name), among: known))")
        }
        return value
      })
  }
}
