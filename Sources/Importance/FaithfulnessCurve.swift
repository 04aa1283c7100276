/// How well the first k components of a ranking do without the others, for every k, as the Mechanistic
/// Interpretability Benchmark judges circuits (A. Mueller et al., arXiv:2504.13151, section 3.2).
///
/// With C_k the k best components and all others intervened on, ∅ the model with all of them intervened on and N the
/// whole model: f(k) = (m(C_k) − m(∅)) / (m(N) − m(∅)). CPR, the integrated circuit performance ratio, is the area
/// under f over k/K from 0 to 1: higher is better. CMD, the integrated circuit–model distance, is the area of
/// |1 − f|: lower is better. Both by the trapezoidal rule, as the benchmark's program has it; where that takes ten
/// shares of the edges, here every k from 0 to K counts.
package struct FaithfulnessCurve: Equatable, Sendable {
  /// m(C_k) for k = 0…K.
  package let metric: [Double]
  /// f(k) for k = 0…K; nil where the whole model is no different from nothing.
  package let faithfulness: [Double]?
  package let cpr: Double?
  package let cmd: Double?
  /// Why there is none.
  package let reason: String?

  /// - Parameter metric: m(C_k) for k = 0…K; the first is m(∅), the last m(N).
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
    faithfulness = values
    cpr = area(values)
    cmd = area(values.map { abs(1 - $0) })
    reason = nil
  }
}

/// The area under values at equal distances over 0…1, by the trapezoidal rule.
private func area(_ values: [Double]) -> Double {
  zip(values, values.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 } / Double(values.count - 1)
}
