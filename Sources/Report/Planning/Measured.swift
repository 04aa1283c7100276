import Records
import Statistics
import Tasks

/// A quantity of every seed, measured on all samples and on each half of them.
struct Measured {
  struct Value {
    var whole, first, second: Double

    static func - (one: Value, other: Value) -> Value {
      Value(whole: one.whole - other.whole, first: one.first - other.first, second: one.second - other.second)
    }
  }

  var name: String
  /// The samples of a causal effect.
  var samples: Int
  var values: [Value]

  /// Rho under three ablations, what the place of the ablation changes, what other scores change, and reversal against sorting.
  static func all(_ tasks: [(task: String, runs: [RigorousRun])]) -> [Measured] {
    func difference(
      _ name: String, _ runs: [RigorousRun], _ one: (RigorousRun) -> Value?, _ other: (RigorousRun) -> Value?
    ) -> Measured {
      Measured(
        name: name, samples: samples(runs),
        values: runs.compactMap { run in one(run).flatMap { one in other(run).map { one - $0 } } })
    }
    let ofTasks = tasks.flatMap { task, runs in
      [
        Measured(
          name: "\(task): rho, mean ablation", samples: samples(runs), values: runs.compactMap { rho($0) }),
        difference(
          "\(task): rho before W_O minus after", runs, { rho($0) }, { rho($0, RecordNames.Method.published) }),
      ]
        + [RecordNames.Score.rootMeanSquare, RecordNames.Score.relevancePatching].map { score in
          difference(
            "\(task): rho of \(score) minus the published score's", runs, { rho($0, score: score) },
            { rho($0) })
        }
    }
    return (ofTasks + [between(tasks)].compactMap(\.self)).filter { !$0.values.isEmpty }
  }

  private static func between(_ tasks: [(task: String, runs: [RigorousRun])]) -> Measured? {
    guard let reversal = tasks.first(where: { $0.task == IntegerTask.reverse.name })?.runs,
      let sorting = tasks.first(where: { $0.task == IntegerTask.sort.name })?.runs
    else { return nil }
    let others = Dictionary(sorting.map { ($0.seed, $0) }, uniquingKeysWith: { first, _ in first })
    return Measured(
      name: "reversal minus sorting: rho, mean ablation", samples: samples(reversal + sorting),
      values: reversal.compactMap { run in
        others[run.seed].flatMap { other in rho(run).flatMap { one in rho(other).map { one - $0 } } }
      })
  }

  private static func samples(_ runs: [RigorousRun]) -> Int { runs.map(\.rigorous.samples).min() ?? 0 }

  /// The rank correlation of a gradient score and an ablation's effect on exact match; nil where a score is the same for every component.
  private static func rho(
    _ run: RigorousRun, _ method: String = RecordNames.Method.mean,
    score: String = RecordNames.Score.published
  ) -> Value? {
    let gradient = run.gradient(GradientKey(score: score, distribution: RecordNames.Distribution.ood))
    guard let gradient, let causal = run.causal(CausalKey(method: method, effect: CausalKey.mean.effect)),
      let whole = try? spearman(gradient.values, causal.values),
      let first = try? spearman(gradient.first, causal.first),
      let second = try? spearman(gradient.second, causal.second)
    else { return nil }
    return Value(whole: whole, first: first, second: second)
  }
}
