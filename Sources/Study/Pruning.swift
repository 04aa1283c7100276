import Importance
import RandomStreams
import Records
import Tasks
import Transformer

/// The accuracy that remains when the first two heroes, or the first two bloats, are ablated together. The
/// published program lists them in component order and evaluates bloats first; `paper` takes the two most
/// misaligned.
struct Pruning {
  let plan: RunPlan
  let transformer: Transformer
  let means: ComponentMeans

  /// OOD samples come from the data stream; in-distribution samples, our addition, come from another stream.
  func prune(
    _ components: [Component], _ alignment: RankComparison, length: Int, _ stream: inout DataStream
  ) throws -> RunRecord.Pruning {
    let heroes = chosen(.hero, components, alignment)
    let bloats = chosen(.bloat, components, alignment)
    let ood = try accuracies([bloats, heroes], length...length, from: &stream)
    // A split stream, because under `rigorous` the stream above has the same purpose.
    var extra = CounterStream(seed: UInt64(plan.seed), purpose: .pruning).split(0)
    let trained = try accuracies([heroes, bloats], plan.studyProtocol.trainingLengths, from: &extra)
    return RunRecord.Pruning(
      baseline: ood.baseline, pruneHeroes: ood.pruned[1], pruneBloats: ood.pruned[0],
      inDistributionBaseline: trained.baseline, inDistributionPruneHeroes: trained.pruned[0],
      inDistributionPruneBloats: trained.pruned[1], heroes: heroes.map(\.name), bloats: bloats.map(\.name))
  }

  private func chosen(
    _ kind: RankComparison.Class, _ components: [Component], _ alignment: RankComparison
  ) -> [Component] {
    var indices = components.indices.filter { alignment.classes[$0] == kind }
    if plan.studyProtocol.prunesStrongest {
      // A stable order: among equals the earlier component comes first.
      indices = indices.enumerated().sorted {
        let (a, b) = (abs(alignment.deltas[$0.element]), abs(alignment.deltas[$1.element]))
        return a == b ? $0.offset < $1.offset : a > b
      }.map(\.element)
    }
    return indices.prefix(plan.studyProtocol.prunedComponents).map { components[$0] }
  }

  /// The accuracy without ablation and with each set ablated; `nil` for an empty set. If the protocol pairs
  /// samples, all use the same samples; otherwise each uses fresh samples, as in the published program.
  private func accuracies(
    _ sets: [[Component]], _ lengths: ClosedRange<Int>, from stream: inout some RandomStream
  ) throws -> (baseline: Double, pruned: [Double?]) {
    let rules = plan.studyProtocol
    func draw() -> [TokenSequence] {
      BatchLayout.evaluationBatch(plan.task.samples(rules.pruningSamples, length: lengths, from: &stream))
    }
    let shared = rules.randomness == .byPurpose ? draw() : nil
    func accuracy(_ pruned: [Component]) throws -> Double {
      let intervention = try rules.causalMeasure.intervention(on: pruned, means: means)
      return try transformer.accuracies([Lane(sequences: shared ?? draw())], under: [intervention])[0]
    }
    let baseline = try accuracy([])
    return (baseline, try sets.map { try $0.isEmpty ? nil : accuracy($0) })
  }
}
