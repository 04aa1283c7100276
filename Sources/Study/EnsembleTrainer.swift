import Compute
import Transformer

/// Trains models, some of them side by side. Which ones train together changes nothing but the time it takes.
struct EnsembleTrainer {
  let device: any Device
  let supervisor: Supervisor
  /// Models side by side at most.
  let size: Int

  /// Every training's model, in their order: read where it was kept before, else trained now, continuing where a
  /// snapshot is. One that diverges is an outcome and does not keep the others.
  ///
  /// - Throws: `StudyError.interrupted` with snapshots written; `StudyError` for files that can't be continued, before
  ///   anything is trained; what a device or a disk throws.
  func train(_ trainings: [Training]) throws -> [Result<TrainedModel, ModelError>] {
    var outcomes: [ObjectIdentifier: Result<TrainedModel, ModelError>] = [:]
    var kept: [Int: TrainedModel] = [:]
    var members: [(index: Int, member: TrainingMember)] = []
    for (index, training) in trainings.enumerated() {
      if let model = try training.keptModel(on: device) {
        training.removeSnapshot(on: device)
        supervisor.report(.trained(training.name, model.training, before: true))
        kept[index] = model
      } else {
        members.append((index, try TrainingMember(training, on: device)))
      }
    }
    for group in groups(members.map(\.member)) {
      var ensemble = try TrainingEnsemble(group, on: device, supervisor: supervisor) {
        outcomes[ObjectIdentifier($0)] = $1
      }
      try ensemble.train()
    }
    let trained = Dictionary(
      uniqueKeysWithValues: members.map { ($0.index, outcomes[ObjectIdentifier($0.member)]) })
    return trainings.indices.compactMap { kept[$0].map { .success($0) } ?? trained[$0] ?? nil }
  }

  /// In lock-step go those of one shape that have as many steps behind them.
  private func groups(_ members: [TrainingMember]) -> [[TrainingMember]] {
    var groups: [[TrainingMember]] = []
    for member in members {
      let place = groups.firstIndex { group in
        group.count < size && group[0].step == member.step
          && group[0].training.isCompatible(with: member.training)
      }
      if let place { groups[place].append(member) } else { groups.append([member]) }
    }
    return groups
  }
}
