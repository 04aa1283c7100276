import AtomicFile
import Compute
import Transformer

/// Trains models, some of them side by side. Which models train together affects only the time it takes.
struct EnsembleTrainer {
  let device: any Device
  let supervisor: Supervisor
  /// The largest number of models side by side.
  let size: Int

  /// Gives the model of every training. A finished model is read from its folder; the others are trained now,
  /// starting from a snapshot if there is one. A training that diverges is one of the outcomes and does not
  /// stop the others. No one else may use the folders.
  ///
  /// - Parameter onFinish: called with the index of each training as soon as it has finished, while the
  ///   others wait.
  /// - Throws: `StudyError.interrupted`, after snapshots are written; `StudyError` for files that cannot be
  ///   continued, before any training; what a device, a disk or `onFinish` throws.
  func train(
    _ trainings: [Training], onFinish: @escaping (Int, Result<TrainedModel, ModelError>) throws -> Void
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
      try onFinish(index, .success(model))
    }
    for group in groups(members) {
      var ensemble = try TrainingEnsemble(group, on: device, supervisor: supervisor) { member, outcome in
        guard let index = indices[ObjectIdentifier(member)] else { return }
        try onFinish(index, outcome)
      }
      try ensemble.train()
    }
  }

  /// Groups of trainings that can run in lock-step: they have the same shape and the same number of finished
  /// steps.
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
