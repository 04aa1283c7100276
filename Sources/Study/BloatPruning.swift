import Compute
import Foundation
import Importance
import RandomStreams
import Records
import Tasks
import Transformer

/// The experiment behind the paper's Table 6, which differs from the main study. It uses sorting only. The
/// model is trained again until its accuracy at N = 7 alone is high enough. Only heads are scored. The
/// gradient of a head is the norm of its layer's whole value projection, so the heads of a layer tie. Heads
/// are ablated before W_O. All bloats are pruned together and measured at N = 5.
struct BloatPruning {
  let plan: RunPlan
  let device: any Device
  let supervisor: Supervisor

  private static let stoppingLength = 7
  private let inDistributionLength = 5
  private let baselineSamples = 100
  private let ablationSamples = 50
  private let threshold = RankComparison.Threshold.from(6)

  /// The second training of a sorting run, if its protocol includes the experiment.
  ///
  /// - Parameter folder: receives `train.csv` and the snapshot, separate from those of the main run.
  static func training(_ plan: RunPlan, in folder: URL) -> Training? {
    guard plan.studyProtocol.includesTable6, plan.task.name == IntegerTask.sort.name else { return nil }
    return Training(
      plan.training(measuring: stoppingLength...stoppingLength), in: folder, experiment: "Table 6",
      keepsModel: false)
  }

  /// - Parameter model: the model of the second training.
  func run(_ model: TrainedModel) throws -> RunRecord.Table6 {
    var stream = model.dataStream
    let transformer = try plan.transformer(model, on: device)
    supervisor.report(.phase("Table 6: bloat pruning"))
    let ood = try OODSearch(plan: plan, transformer: transformer).find(&stream)
    guard ood.inWindow else {
      return RunRecord.Table6(
        training: model.training, oodLength: nil, oodAccuracy: nil, bloats: [], idBase: nil, idPruned: nil,
        note: "no OOD length in the window: skipped, as the paper does")
    }
    let heads = Component.all(of: plan.model).filter { $0.head != nil }
    let batches: (Int) -> [[TokenSequence]] = { count in
      (0..<count).map { _ in
        plan.studyProtocol.trainingLayout.sequences(
          plan.task.samples(plan.batchSize, length: ood.length...ood.length, from: &stream))
      }
    }
    let gradient = try GradientNorms(
      transformer, heads.map { .valueProjection(layer: $0.layer) },
      batches: batches(plan.studyProtocol.gradientBatches)
    ).means
    let means = try ComponentMeans(transformer, batches: batches(plan.studyProtocol.meanBatches))
    func sequences(_ count: Int, _ length: Int) -> [TokenSequence] {
      BatchLayout.evaluationBatch(plan.task.samples(count, length: length...length, from: &stream))
    }
    let baseline = try transformer.accuracies([Lane(sequences: sequences(baselineSamples, ood.length))])[0]
    let ablated = try transformer.accuracies(
      heads.map { _ in Lane(sequences: sequences(ablationSamples, ood.length)) },
      under: try heads.map { try InterventionMethod.mean.intervention(on: [$0], means: means) })
    let causal = ablated.map { baseline - $0 }
    let alignment = try RankComparison(gradient: gradient, causal: causal, threshold: threshold)
    let bloats = heads.indices.filter { alignment.classes[$0] == .bloat }.map { heads[$0] }
    let idBase = try transformer.accuracies([
      Lane(sequences: sequences(baselineSamples, inDistributionLength))
    ])[0]
    let idPruned =
      try bloats.isEmpty
      ? nil
      : transformer.accuracies(
        [Lane(sequences: sequences(ablationSamples, inDistributionLength))],
        under: [try InterventionMethod.mean.intervention(on: bloats, means: means)])[0]
    let names = heads.map(\.name)
    return RunRecord.Table6(
      training: model.training, oodLength: ood.length, oodAccuracy: ood.accuracy,
      gradient: Dictionary(uniqueKeysWithValues: zip(names, gradient)),
      causal: Dictionary(uniqueKeysWithValues: zip(names, causal)), bloats: bloats.map(\.name),
      idBase: idBase, idPruned: idPruned,
      note: alignment.rhoReason ?? (bloats.isEmpty ? "no bloats to prune" : nil))
  }
}
