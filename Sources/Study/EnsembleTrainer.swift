import AtomicFile
import Compute
import Transformer

/// Trains models, some of them side by side. Which models train together affects only the time it takes.
struct EnsembleTrainer {
  let device: any Device
  let supervisor: Supervisor
  /// The largest number of models side by side. It is halved where a device turns out to be too small.
  private(set) var size: Int

  /// A training that has not finished.
  private struct Waiting {
    /// Its place among all trainings.
    var index: Int
    var member: TrainingMember
  }

  init(device: any Device, supervisor: Supervisor, size: Int) {
    (self.device, self.supervisor, self.size) = (device, supervisor, size)
  }

  /// Gives the model of every training. A finished model is read from its folder; the others are trained now,
  /// starting from a snapshot if there is one. A training that diverges is one of the outcomes and does not
  /// stop the others. No one else may use the folders.
  ///
  /// Drivers may find out that they have too little memory in the midst of a training. Then what has not finished
  /// begins again at its snapshots, with half as many models side by side.
  ///
  /// - Parameter onFinish: called with the index of each training as soon as it has finished, while the
  ///   others wait.
  /// - Throws: `StudyError.interrupted`, after snapshots are written; `StudyError` for files that cannot be
  ///   continued, before any training; what a device, a disk or `onFinish` throws.
  mutating func train(
    _ trainings: [Training], onFinish: @escaping (Int, Result<TrainedModel, ModelError>) throws -> Void
  ) throws {
    var kept: [(Int, TrainedModel)] = []
    var waiting: [Waiting] = []
    for training in trainings { removeUnfinishedWrites(in: training.folder) }
    for (index, training) in trainings.enumerated() {
      if let model = try training.keptModel(on: device) {
        kept.append((index, model))
      } else {
        waiting.append(Waiting(index: index, member: try TrainingMember(training, on: device)))
      }
    }
    for (index, model) in kept {
      trainings[index].removeSnapshot(on: device)
      supervisor.report(.trained(trainings[index].name, model.training, before: true))
      try onFinish(index, .success(model))
    }
    while let group = groups(waiting).first {
      waiting.removeAll { one in group.contains { $0.index == one.index } }
      let unfinished = try train(group, onFinish)
      // From their snapshots.
      waiting =
        try unfinished.map { Waiting(index: $0, member: try TrainingMember(trainings[$0], on: device)) }
        + waiting
    }
  }

  /// Trains a group side by side. What follows from a training that finishes before the others may need more memory than
  /// they leave: then it waits until the ensemble is gone.
  ///
  /// - Returns: the indices of those that have not finished, if the device is too small for so many.
  private mutating func train(
    _ group: [Waiting], _ onFinish: (Int, Result<TrainedModel, ModelError>) throws -> Void
  ) throws -> [Int] {
    var unfinished = group.map(\.index)
    var postponed: [(index: Int, outcome: TrainingEnsemble.Outcome)] = []
    func finish(_ member: TrainingMember, _ outcome: TrainingEnsemble.Outcome) throws {
      guard let index = group.first(where: { $0.member === member })?.index else { return }
      unfinished.removeAll { $0 == index }
      do {
        try onFinish(index, outcome)
      } catch let error as ComputeError where error.isShortage {
        supervisor.report(
          .note("\(member.training.name): \(error) beside other trainings; what follows waits for their end"))
        postponed.append((index, outcome))
      }
    }
    do {
      let last = try withoutActuallyEscaping(finish) { finish in
        var ensemble = try TrainingEnsemble(
          group.map(\.member), on: device, supervisor: supervisor, onFinish: finish)
        return try ensemble.train()
      }
      for (member, outcome) in last {
        guard let index = group.first(where: { $0.member === member })?.index else { continue }
        postponed.append((index, outcome))
      }
      unfinished = []
    } catch let error as ComputeError where error.isShortage && unfinished.count > 1 {
      size = unfinished.count / 2
      supervisor.report(
        .note("\(unfinished.count) models side by side are too many (\(error)); going on with \(size)"))
    }
    for (index, outcome) in postponed { try onFinish(index, outcome) }
    return unfinished
  }

  /// Groups of trainings that can run in lock-step: they have the same shape and the same number of finished
  /// steps.
  private func groups(_ waiting: [Waiting]) -> [[Waiting]] {
    var groups: [[Waiting]] = []
    for one in waiting {
      let place = groups.firstIndex { group in
        group.count < size && group[0].member.step == one.member.step
          && group[0].member.training.isCompatible(with: one.member.training)
      }
      if let place { groups[place].append(one) } else { groups.append([one]) }
    }
    return groups
  }
}
