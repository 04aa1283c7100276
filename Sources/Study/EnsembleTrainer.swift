import AtomicFile
import Compute
import Transformer

/// Trains models, some of them side by side. Which ones train together changes nothing but the time it takes.
struct EnsembleTrainer {
  let device: any Device
  let supervisor: Supervisor
  /// Models side by side at most.
  let size: Int

  /// Every training's model: read where it was kept before, else trained now, continuing where a snapshot is. One that
  /// diverges is an outcome and does not keep the others. The folders are the caller's alone.
  ///
  /// - Parameter whenOver: called with the index of each training as soon as it is over, while others wait.
  /// - Throws: `StudyError.interrupted` with snapshots written; `StudyError` for files that can't be continued, before
  ///   anything is trained; what a device, a disk or `whenOver` throws.
  func train(
    _ trainings: [Training], whenOver: @escaping (Int, Result<TrainedModel, ModelError>) throws -> Void
  ) throws {
    var indices: [ObjectIdentifier: Int] = [:]
    var kept: [(Int, TrainedModel)] = []
    var members: [TrainingMember] = []
    for training in trainings { removeUnfinishedWrites(in: training.folder) }
    for (index, training) in trainings.enumerated() {
      if let model = try training.keptModel(on: device) {
        kept.append((index, model))
      } else {
        let member = try TrainingMember(training, on: device)
        members.append(member)
        indices[ObjectIdentifier(member)] = index
      }
    }
    for (index, model) in kept {
      trainings[index].removeSnapshot(on: device)
      supervisor.report(.trained(trainings[index].name, model.training, before: true))
      try whenOver(index, .success(model))
    }
    for group in groups(members) {
      var ensemble = try TrainingEnsemble(group, on: device, supervisor: supervisor) { member, outcome in
        guard let index = indices[ObjectIdentifier(member)] else { return }
        try whenOver(index, outcome)
      }
      try ensemble.train()
    }
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
