import Statistics

/// How well the first k components of a ranking do without the others, for every k, measured as the
/// Mechanistic Interpretability Benchmark measures circuits (A. Mueller et al., arXiv:2504.13151, section
/// 3.2).
///
/// Let C_k be the model with all components except the k best intervened on, ∅ the model with all components
/// intervened on, and N the whole model. Then f(k) = (m(C_k) − m(∅)) / (m(N) − m(∅)). CPR, the integrated
/// circuit performance ratio, is the area under f over k/K from 0 to 1: higher is better. CMD, the integrated
/// circuit–model distance, is the area under |1 − f|: lower is better. Both use the trapezoidal rule, like
/// the benchmark's program. The program uses ten shares of the edges; here every k from 0 to K is used.
package struct FaithfulnessCurve: Equatable, Sendable {
  /// m(C_k) for k = 0…K.
  package let metric: [Double]
  /// f(k) for k = 0…K; nil if the whole model is no better or worse than ∅.
  package let faithfulness: [Double]?
  package let cpr: Double?
  package let cmd: Double?
  /// Why the faithfulness is missing.
  package let reason: String?

  /// - Parameter metric: m(C_k) for k = 0…K. The first is m(∅), the last m(N).
  package init(metric: [Double]) {
    self.metric = metric
    guard metric.count > 1, let nothing = metric.first, let whole = metric.last, metric.allSatisfy(\.isFinite)
    else {
      (faithfulness, cpr, cmd) = (nil, nil, nil)
      reason = metric.count > 1 ? "a score is not a finite number" : "nothing was ranked"
      return
    }
    guard whole != nothing else {
      (faithfulness, cpr, cmd) = (nil, nil, nil)
      reason = "the whole model scores \(whole), as much as with every component intervened on"
      return
    }
    let values = metric.map { ($0 - nothing) / (whole - nothing) }
    guard let above = try? trapezoidArea(values), let between = try? trapezoidArea(values.map { abs(1 - $0) })
    else {
      (faithfulness, cpr, cmd) = (nil, nil, nil)
      reason = "the whole model and nothing differ by less than can be divided by"
      return
    }
    (faithfulness, cpr, cmd, reason) = (values, above, between, nil)
  }
}
