import Compute
import Foundation
import Records
import Tasks
import Transformer

/// The measurements of interactions of a study's models: those that are missing are made, and all are read.
package struct InteractionStudy {
  package let folder: StudyFolder
  package let counts: InteractionCounts
  /// Where the rigorous records are: the study itself, or the folder in it.
  private let home: StudyFolder
  package let records: [RunRecord]

  /// - Parameters:
  ///   - samples: nil for as many as in the measurements that exist, or else for 500.
  ///   - players: nil for as many as there, or else for 10.
  /// - Throws: `RecordError`, also for a study without rigorous records.
  package init(_ folder: StudyFolder, samples: Int? = nil, players: Int? = nil) throws {
    self.folder = folder
    let (home, records) = try folder.rigorousStudy()
    (self.home, self.records) = (home, records)
    guard !records.isEmpty else {
      throw RecordError.folder(
        path: folder.url.path,
        reason: "it holds no record of the rigorous protocol; make them with study --protocol rigorous, "
          + "or add them to a study with --rigorous-measures")
    }
    var counts = InteractionCounts()
    for record in records {
      guard let found = try home.readInteractions(task: record.task, seed: record.seed) else { continue }
      (counts.samples, counts.players) = (found.samples, max(2, found.games.map(\.players.count).max() ?? 0))
      break
    }
    self.counts = InteractionCounts(samples: samples ?? counts.samples, players: players ?? counts.players)
  }

  /// The runs without a measurement.
  ///
  /// - Throws: `RecordError` for files that cannot be read, and for a run without a model; `StudyError.impossible` for one that was made with other numbers.
  package func pending() throws -> [RunRecord] {
    try records.filter { record in
      guard let found = try home.readInteractions(task: record.task, seed: record.seed) else {
        _ = try model(of: record)
        return true
      }
      let players = found.games.map(\.players.count).max() ?? 0
      guard found.samples == counts.samples,
        players == min(counts.players, record.components.count)
      else {
        throw StudyError.impossible(
          "\(home.interactions(task: record.task, seed: record.seed).path) was made with \(found.samples) samples and "
            + "\(players) players, not \(counts.samples) and \(counts.players); "
            + "use --samples \(found.samples) --players \(players), or delete it")
      }
      return false
    }
  }

  /// Measures the runs' models and writes the records, each as soon as it is there.
  ///
  /// - Throws: `RecordError` where a model is missing or a disk refuses; `StudyError.interrupted`, or what the device throws.
  package func measure(
    _ runs: [RunRecord], on device: any Device, supervisor: Supervisor,
    finished: (InteractionRecord) -> Void = { _ in }
  ) throws {
    for run in runs {
      let file = try model(of: run)
      let found = try FoundModel(checkpointAt: file)
      var plan = RunPlan(
        task: try TaskCatalogue.task(named: found.task(asked: run.task)),
        seed: try found.seed(asked: run.seed), studyProtocol: .rigorous, model: ModelConfiguration())
      let model = found.model(for: plan)
      plan.adopt(model)
      plan.batchSize = run.configuration.batchSize
      let record = try InteractionMeasurement(plan, on: device, counts: counts, supervisor: supervisor)
        .measure(model, beside: run)
      try record.write(to: home.interactions(task: run.task, seed: run.seed))
      finished(record)
    }
  }

  /// The measurements that exist.
  ///
  /// - Throws: `RecordError`.
  package func collect() throws -> [InteractionRecord] {
    try records.compactMap { try home.readInteractions(task: $0.task, seed: $0.seed) }
  }

  private func model(of run: RunRecord) throws -> URL {
    // The folder of rigorous measures has its models in the study around it.
    let around = StudyFolder(folder.url.deletingLastPathComponent())
    let places = ([home, folder] + (around.rigorous == folder ? [around] : []))
      .map { $0.checkpoint(task: run.task, seed: run.seed) }
    guard let found = try places.first(where: { try FileKind.of($0) != nil }) else {
      throw RecordError.folder(
        path: folder.run(task: run.task, seed: run.seed).path,
        reason: "it holds no model.safetensors, so that its interactions cannot be measured")
    }
    return found
  }
}
