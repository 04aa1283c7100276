import Compute
import Errors
import Foundation
import Importance
import RandomStreams
import Tasks
import Transformer

/// Trainings in lock-step: one transformer with one model for each training, one optimiser, and one step of
/// all at once. Finished trainings are removed, and a smaller ensemble continues. The result of a training
/// does not depend on the others.
struct TrainingEnsemble {
  /// Model m of the transformer belongs to member m.
  private var members: [TrainingMember]
  private var transformer: Transformer
  private var optimiser: AdamOptimiser
  private var gradientProbe: GradientProbe
  /// The number of steps whose losses are still on the device.
  private var unread = 0
  private let supervisor: Supervisor
  private let onFinish: OnFinish
  /// The outcomes of the members that finish last.
  private var last: [(TrainingMember, Outcome)] = []

  typealias Outcome = Result<TrainedModel, ModelError>
  typealias OnFinish = (TrainingMember, Outcome) throws -> Void

  /// The number of steps after which losses are read.
  private static let reportInterval = 20
  /// The number of steps after which the gradient norms of the components are read.
  private static let gradientInterval = 50

  /// - Parameters:
  ///   - members: at least one. All have the same model configuration, precision of activations, optimiser and step.
  ///   - onFinish: called once for each member that finishes while others go on, which wait.
  init(
    _ members: [TrainingMember], on device: any Device, supervisor: Supervisor,
    onFinish: @escaping OnFinish
  ) throws {
    guard let plan = members.first?.plan, let step = members.first?.step else {
      throw InternalError("an ensemble of no models")
    }
    self.members = members
    self.supervisor = supervisor
    self.onFinish = onFinish
    transformer = try Transformer(plan.model, models: members.count, on: device)
    try plan.settleActivations(of: transformer, on: device, models: members.count)
    optimiser = try AdamOptimiser(transformer, plan.optimiser, step: step)
    gradientProbe = try GradientProbe(transformer)
    for (model, member) in members.enumerated() { try member.begin(model, of: transformer, optimiser) }
    supervisor.report(.trainingStarted(members.map(\.training.name), step: step))
  }

  /// Trains until every member has finished.
  ///
  /// - Returns: the outcomes of those that finish last: what follows from them has the ensemble's memory once the
  ///   ensemble is gone.
  /// - Throws: `StudyError.interrupted`, after every member's snapshot is written, or what a device, a disk
  ///   or `onFinish` throws.
  mutating func train() throws -> [(TrainingMember, Outcome)] {
    do {
      // A measurement that was stopped on its way comes first.
      if members.contains(where: \.isMeasurementMissing) { try measure() }
      try end(members.indices.filter { members[$0].isAtEnd }, converged: false)
      while let stop = members.map(\.nextStop).min() {
        try takeSteps(until: stop)
        try dropFailed()
        try measure()
        try end(members.indices.filter { members[$0].isAtEnd }, converged: false)
      }
      return last
    } catch StudyError.interrupted {
      try readLosses()
      try writeSnapshots(members.indices.filter { members[$0].failure == nil })
      throw StudyError.interrupted
    }
  }

  /// Takes steps until `stop`; ends early if the loss of a member is not finite.
  private mutating func takeSteps(until stop: Int) throws {
    guard let first = members.first else { return }
    let batches = BatchesAhead(
      members.map { ($0.plan, $0.dataStream) }, steps: stop - first.step, for: transformer.configuration)
    while first.step < stop {
      try supervisor.checkStop()
      let next = try batches.next()
      let batch = try Batch(next.batch, on: transformer.device)
      try transformer.computeGradients(batch, lossSlot: unread)
      try optimiser.update(transformer)
      unread += 1
      for (member, stream) in zip(members, next.streams) { member.advance(stream) }
      if first.step % Self.gradientInterval == 0 {
        for (member, norms) in zip(members, try gradientProbe.read()) { member.record(gradientNorms: norms) }
      }
      let isDue = first.step % Self.reportInterval == 0 || first.step == stop
      if isDue || unread == Transformer.lossSlots { try readLosses() }
      if members.contains(where: { $0.failure != nil }) { return }
    }
  }

  private mutating func readLosses() throws {
    guard unread > 0 else { return }
    let losses = try transformer.readAllLosses(slots: 0..<unread)
    for (member, losses) in zip(members, losses) { try member.record(losses: losses) }
    unread = 0
    let last = members.compactMap(\.lastLoss)
    if let step = members.first?.step, let total = members.map(\.plan.maxSteps).max(), !last.isEmpty {
      supervisor.report(.step(step, of: total, loss: last.reduce(0, +) / Double(last.count)))
    }
  }

  private func writeSnapshots(_ models: [Int]) throws {
    for model in models {
      try members[model].writeSnapshot(ModelState(transformer, optimiser, model: model))
    }
  }

  /// The regular measurement: members that have reached their goal finish; the others write a snapshot.
  private mutating func measure() throws {
    let due = members.indices.filter { members[$0].isMeasurementMissing }
    let good = try measureAccuracies(due)
    try writeSnapshots(due.filter { !good.contains($0) && members[$0].failure == nil })
    try end(good, converged: true)
  }

  /// - Returns: the models that have reached their goal.
  private func measureAccuracies(_ models: [Int]) throws -> [Int] {
    guard let step = models.first.map({ members[$0].step }) else { return [] }
    let streams = models.map { members[$0].dataStream }
    let lanes = models.map { Lane(model: $0, sequences: members[$0].drawMeasured()) }
    let scores: [[TargetScore]]
    do {
      scores = try transformer.targetScores(lanes, rowLimit: rowLimit, beforeBatch: supervisor.checkStop)
    } catch StudyError.interrupted {
      // Measured again from here, the samples will be the same.
      for (model, stream) in zip(models, streams) { members[model].dataStream = stream }
      throw StudyError.interrupted
    }
    var good: [Int] = []
    for (model, scores) in zip(models, scores) {
      let member = members[model]
      // The loss of the last step was that of the parameters before it.
      if scores.contains(where: \.logProbability.isNaN) {
        try member.diverge(at: member.step)
      } else if member.record(scores) {
        good.append(model)
      }
    }
    supervisor.report(.measured(models.compactMap { members[$0].lastMeasurement }, step: step))
    return good
  }

  /// The number of rows in a batch of a measurement: the buffers are already as large as a step needs.
  private var rowLimit: Int { max(2048, transformer.rowCapacity) }

  /// The scores of the splits on which a finished model is measured, by their names.
  private func finalScores(_ model: Int) throws -> [String: [TargetScore]] {
    let splits = members[model].plan.source.finalSplits
    let scores = try transformer.targetScores(
      splits.map { Lane(model: model, sequences: $0.sequences) }, rowLimit: rowLimit)
    return Dictionary(zip(splits.map(\.name), scores)) { first, _ in first }
  }

  /// Reads the models of members that have finished, and continues without them.
  private mutating func end(_ models: [Int], converged: Bool) throws {
    if !converged { _ = try measureAccuracies(models.filter { members[$0].isMeasuredAtEnd }) }
    var finished: [(model: Int, outcome: Outcome)] = []
    for model in models where members[model].failure == nil {
      let (member, parameters) = (members[model], try transformer.parameters(ofModel: model))
      guard parameters.allSatisfy(\.isFinite) else {
        try member.diverge(at: member.step)
        continue
      }
      let trained = try member.finish(
        parameters: parameters, converged: converged, splits: finalScores(model), on: transformer.device)
      supervisor.report(.trained(member.training.name, trained.training, before: false))
      finished.append((model, .success(trained)))
    }
    try remove(finished)
    try dropFailed()
  }

  private mutating func dropFailed() throws {
    try remove(
      members.indices.compactMap { model in
        guard let failure = members[model].failure else { return nil }
        supervisor.report(.failed(FailedRun(name: members[model].training.name, reason: "\(failure)")))
        return (model, .failure(failure))
      })
  }

  /// Removes members from the ensemble and reports their outcomes, unless they are the last.
  private mutating func remove(_ finished: [(model: Int, outcome: Outcome)]) throws {
    guard !finished.isEmpty else { return }
    let outcomes = finished.map { (members[$0.model], $0.outcome) }
    let kept = members.indices.filter { model in !finished.contains { $0.model == model } }
    members = kept.map { members[$0] }
    guard !kept.isEmpty else {
      last = outcomes
      return
    }
    (transformer, optimiser) = (try transformer.keeping(kept), try optimiser.keeping(kept))
    gradientProbe = try GradientProbe(transformer)
    let began = Date()
    for (member, outcome) in outcomes { try onFinish(member, outcome) }
    for member in members { member.excludeTime(began..<Date()) }
    if let step = members.first?.step {
      supervisor.report(.trainingGoesOn(members.map(\.training.name), step: step))
    }
  }
}
