import Importance
import RandomStreams
import Records
import Tasks
import Transformer

/// All heroes, and all bloats, ablated together under each of the protocol's ablations, beside the sum of what each of them costs alone.
struct JointAblation {
  let plan: RunPlan
  let transformer: Transformer
  let means: ComponentMeans

  /// Every set has samples of its own from the data stream, and each ablation a baseline of its own.
  ///
  /// - Parameters:
  ///   - comparisons: by ablation.
  ///   - causal: the effects of single components, by ablation.
  func measure(
    _ components: [Component], _ comparisons: [CausalMeasure: RankComparison],
    _ causal: [CausalMeasure: [Double]], length: Int, _ stream: inout DataStream
  ) throws -> [RunRecord.JointAblation] {
    var found: [RunRecord.JointAblation] = []
    for measure in plan.studyProtocol.measures {
      guard let comparison = comparisons[measure], let effects = causal[measure] else { continue }
      let sets = comparison.sets
      guard !sets.isEmpty else { continue }
      let baseline = try accuracy([], measure, length, &stream)
      for set in sets {
        let members = set.places.map { components[$0] }
        found.append(
          RunRecord.JointAblation(
            measure: measure.rawValue, set: set.name, components: members.map(\.name),
            joint: baseline - (try accuracy(members, measure, length, &stream)),
            sumOfSingles: set.places.reduce(0) { $0 + effects[$1] }))
      }
    }
    return found
  }

  private func accuracy(
    _ ablated: [Component], _ measure: CausalMeasure, _ length: Int, _ stream: inout DataStream
  ) throws -> Double {
    let samples = plan.task.samples(plan.studyProtocol.pruningSamples, length: length...length, from: &stream)
    return try transformer.accuracies(
      [Lane(sequences: BatchLayout.evaluationBatch(samples))],
      under: [measure.intervention(on: ablated, means: means)])[0]
  }
}
