import Concurrency
import Foundation
import Records

/// The data of the page's script and of its downloads: for every run what is scored by which component, rounded to six digits.
///
/// `{"tasks": [{"task", "name", "components": [{"name", "layer", "head"}], "runs": [{"seed", "window", "converged", "length",
/// "accuracy", "rho", "gradient": {score: [value of each component]}, "causal": {intervention: […]}, "class": […]}]}]}`
enum PageData {
  static func json(_ summary: Summary, _ runs: [RunRecord]) -> String {
    let tasks = summary.tasks.map { task in
      let own = runs.filter { $0.task == task.task }
      return object([
        ("task", JSONText.quoted(task.task)), ("name", JSONText.quoted(Words.of(task.task))),
        ("components", list((own.first?.components ?? []).map(component))),
        ("runs", list(concurrentMap(own, run))),
      ])
    }
    let scores = firstSeen(runs.flatMap { gradients($0).map(\.name) })
    let methods = firstSeen(runs.flatMap { effects($0).map(\.name) })
    return object([
      ("protocol", JSONText.quoted(summary.protocolName ?? "")),
      (
        "words",
        object(
          scores.map { ($0, JSONText.quoted(Words.of($0))) }
            + methods.map { ($0, JSONText.quoted(words($0))) })
      ),
      ("tasks", list(tasks)),
    ])
  }

  private static func component(_ component: RunRecord.ComponentRecord) -> String {
    object([
      ("name", JSONText.quoted(component.name)), ("layer", "\(component.layer)"),
      ("head", component.head.map(String.init) ?? "null"),
    ])
  }

  @Sendable private static func run(_ run: RunRecord) -> String {
    object([
      ("seed", "\(run.seed)"), ("window", "\(run.ood.inWindow)"),
      ("converged", run.training.map { "\($0.converged)" } ?? "null"), ("length", "\(run.ood.length)"),
      ("accuracy", number(run.ood.accuracy)), ("rho", run.rho.map(number) ?? "null"),
      ("gradient", object(gradients(run).map { ($0.name, list($0.values.map(number))) })),
      ("causal", object(effects(run).map { ($0.name, list($0.values.map(number))) })),
      ("class", list(run.components.map { JSONText.quoted($0.componentClass.rawValue) })),
    ])
  }

  /// Gradient scores out of distribution, the protocol's own first.
  private static func gradients(_ run: RunRecord) -> [(name: String, values: [Double])] {
    if let rigorous = run.rigorous {
      let tables = rigorous.gradients.filter { $0.distribution == GradientKey.published.distribution }
      if !tables.isEmpty { return tables.map { ($0.score, $0.values) } }
    }
    let names = Set(run.components.flatMap(\.gradient.keys))
    return names.sorted { ($0 != run.gradientScore ? 1 : 0, $0) < ($1 != run.gradientScore ? 1 : 0, $1) }
      .map { name in (name, run.components.map { $0.gradient[name] ?? .nan }) }
  }

  /// Effects of interventions, the protocol's own first.
  private static func effects(_ run: RunRecord) -> [(name: String, values: [Double])] {
    if let rigorous = run.rigorous, !rigorous.causal.isEmpty {
      return rigorous.causal.map { ("\($0.method) \($0.effect)", $0.values) }
    }
    let names = Set(run.components.flatMap(\.causal.keys))
    return names.sorted { ($0 != run.causalMeasure ? 1 : 0, $0) < ($1 != run.causalMeasure ? 1 : 0, $1) }
      .map { name in (name, run.components.map { $0.causal[name] ?? .nan }) }
  }

  private static func words(_ name: String) -> String {
    name.split(separator: " ").map { Words.of(String($0)) }.joined(separator: ", ")
  }

  private static func number(_ value: Double) -> String {
    value.isFinite ? String(format: "%.6g", value) : "null"
  }

  private static func list(_ values: [String]) -> String { "[\(values.joined(separator: ","))]" }

  private static func object(_ members: [(String, String)]) -> String {
    "{\(members.map { "\(JSONText.quoted($0.0)):\($0.1)" }.joined(separator: ","))}"
  }
}
