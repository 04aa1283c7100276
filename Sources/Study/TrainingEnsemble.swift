import Compute
import Foundation
import Importance
import RandomStreams
import Tasks
import Transformer

/// Trainings in lock-step: one transformer of as many models, one optimiser, a step of all at once. Those that are over
/// leave, and a smaller ensemble goes on. What becomes of a training does not depend on its company.
struct TrainingEnsemble {
  /// Model m of the transformer is member m.
  private var members: [TrainingMember]
  private var transformer: Transformer
  private var optimiser: AdamOptimiser
  private var gradientProbe: GradientProbe
  /// Steps whose losses the device still holds.
  private var unread = 0
  private let supervisor: Supervisor
  private let whenOver: WhenOver

  typealias WhenOver = (TrainingMember, Result<TrainedModel, ModelError>) throws -> Void

  /// Losses are read this often.
  private static let reportInterval = 20
  /// Gradient norms of the components are read this often.
  private static let gradientInterval = 50

  /// - Parameters:
  ///   - members: at least one; of one model configuration, learning rate and step.
  ///   - whenOver: called once for each of them, while the others wait.
  init(
    _ members: [TrainingMember], on device: any Device, supervisor: Supervisor,
    whenOver: @escaping WhenOver
  ) throws {
    guard let plan = members.first?.plan, let step = members.first?.step else {
      throw StudyError.impossible("an ensemble of no models")
    }
    self.members = members
    self.supervisor = supervisor
    self.whenOver = whenOver
    let starts = try members.map { try $0.begin() }
    transformer = try Transformer(plan.model, parameters: starts.map(\.parameters), on: device)
    optimiser = try AdamOptimiser(transformer, learningRate: plan.learningRate, step: step)
    gradientProbe = try GradientProbe(transformer)
    for (model, start) in starts.enumerated() {
      if let moments = start.moments { try optimiser.restore(moments, ofModel: model) }
    }
    supervisor.report(.trainingStarted(members.map(\.training.name), step: step))
  }

  /// - Throws: `StudyError.interrupted` with every member's snapshot written, or what a device, a disk or `whenOver`
  ///   throws.
  mutating func train() throws {
    do {
      try end(members.indices.filter { members[$0].isAtEnd }, converged: false)
      while let stop = members.map(\.nextStop).min() {
        try takeSteps(until: stop)
        try dropFailed()
        try measure()
        try end(members.indices.filter { members[$0].isAtEnd }, converged: false)
      }
    } catch StudyError.interrupted {
      try readLosses()
      try writeSnapshots(members.indices.filter { members[$0].failure == nil })
      throw StudyError.interrupted
    }
  }

  /// Ends early where a member's loss is lost.
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
      try members[model].writeSnapshot(
        parameters: transformer.parameters(ofModel: model), moments: optimiser.moments(ofModel: model))
    }
  }

  /// The regular measurement: those that are good enough are over, the others are kept as they stand.
  private mutating func measure() throws {
    let due = members.indices.filter { members[$0].isMeasuredHere }
    let good = try measureAccuracies(due)
    try writeSnapshots(due.filter { !good.contains($0) })
    try end(good, converged: true)
  }

  /// - Returns: The models whose accuracy suffices.
  private func measureAccuracies(_ models: [Int]) throws -> [Int] {
    guard let step = models.first.map({ members[$0].step }) else { return [] }
    let jobs = models.map { EvaluationJob(members[$0].drawAccuracySamples(), model: $0) }
    // Buffers as large as a step's are there already.
    let accuracies = try transformer.accuracies(jobs, rowLimit: max(2048, transformer.rowCapacity))
    let good = zip(models, accuracies).filter { members[$0].record(accuracy: $1) }.map(\.0)
    supervisor.report(
      .accuracies(zip(models, accuracies).map { (members[$0].training.name, $1) }, step: step))
    return good
  }

  /// Reads the models of those that are over, and goes on without them.
  private mutating func end(_ models: [Int], converged: Bool) throws {
    // As the published program: after the last step of an unconverged training it measures once more.
    if !converged { _ = try measureAccuracies(models.filter { members[$0].plan.maxSteps > 0 }) }
    try leave(
      models.map { model in
        let member = members[model]
        let trained = try member.finish(
          parameters: transformer.parameters(ofModel: model), converged: converged, on: transformer.device)
        supervisor.report(.trained(member.training.name, trained.training, before: false))
        return (model, .success(trained))
      })
  }

  private mutating func dropFailed() throws {
    try leave(
      members.indices.compactMap { model in
        guard let failure = members[model].failure else { return nil }
        supervisor.report(.failed(FailedRun(name: members[model].training.name, reason: "\(failure)")))
        return (model, .failure(failure))
      })
  }

  /// Goes on without some, and tells of them.
  private mutating func leave(_ over: [(model: Int, outcome: Result<TrainedModel, ModelError>)]) throws {
    guard !over.isEmpty else { return }
    let told = over.map { (members[$0.model], $0.outcome) }
    let kept = members.indices.filter { model in !over.contains { $0.model == model } }
    members = kept.map { members[$0] }
    if !kept.isEmpty {
      (transformer, optimiser) = (try transformer.keeping(kept), try optimiser.keeping(kept))
      gradientProbe = try GradientProbe(transformer)
    }
    let began = Date()
    for (member, outcome) in told { try whenOver(member, outcome) }
    for member in members { member.leaveOut(began..<Date()) }
    if let step = members.first?.step {
      supervisor.report(.trainingGoesOn(members.map(\.training.name), step: step))
    }
  }
}
