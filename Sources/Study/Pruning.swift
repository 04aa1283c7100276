import Importance
import RandomStreams
import Records
import Tasks
import Transformer

/// What is left of accuracy when the first two heroes, or the first two bloats, are ablated together. The
/// published program lists them in component order and evaluates bloats first; `paper` takes the strongest.
struct Pruning {
  let plan: RunPlan
  let transformer: Transformer
  let means: ComponentMeans

  /// OOD samples come from the data stream, in-distribution ones (our addition) from another.
  func prune(
    _ components: [Component], _ alignment: Alignment, length: Int, _ stream: inout DataStream
  ) throws -> RunRecord.Pruning {
    let heroes = chosen(.hero, components, alignment)
    let bloats = chosen(.bloat, components, alignment)
    let baseline = try accuracy([], length...length, from: &stream)
    let withoutBloats = try bloats.isEmpty ? nil : accuracy(bloats, length...length, from: &stream)
    let withoutHeroes = try heroes.isEmpty ? nil : accuracy(heroes, length...length, from: &stream)

    var extra = CounterStream(seed: UInt64(plan.seed), purpose: .pruning)
    let trained = plan.studyProtocol.trainingLengths
    let inBaseline = try accuracy([], trained, from: &extra)
    let inWithoutHeroes = try heroes.isEmpty ? nil : accuracy(heroes, trained, from: &extra)
    let inWithoutBloats = try bloats.isEmpty ? nil : accuracy(bloats, trained, from: &extra)
    return RunRecord.Pruning(
      baseline: baseline, pruneHeroes: withoutHeroes, pruneBloats: withoutBloats,
      inDistributionBaseline: inBaseline, inDistributionPruneHeroes: inWithoutHeroes,
      inDistributionPruneBloats: inWithoutBloats, heroes: heroes.map(\.name), bloats: bloats.map(\.name))
  }

  private func chosen(
    _ kind: Alignment.Class, _ components: [Component], _ alignment: Alignment
  ) -> [Component] {
    var indices = components.indices.filter { alignment.classes[$0] == kind }
    if plan.studyProtocol.prunesStrongest {
      // Stable: among equals the earlier component.
      indices = indices.enumerated().sorted {
        let (a, b) = (abs(alignment.deltas[$0.element]), abs(alignment.deltas[$1.element]))
        return a == b ? $0.offset < $1.offset : a > b
      }.map(\.element)
    }
    return indices.prefix(plan.studyProtocol.prunedComponents).map { components[$0] }
  }

  private func accuracy(
    _ pruned: [Component], _ lengths: ClosedRange<Int>, from stream: inout some RandomStream
  ) throws -> Double {
    let samples = plan.task.samples(plan.studyProtocol.pruningSamples, length: lengths, from: &stream)
    let job = EvaluationJob(
      BatchLayout.evaluationBatch(samples), plan.studyProtocol.causalMeasure.intervention(pruned))
    return try transformer.accuracies([job], means: means)[0]
  }
}
