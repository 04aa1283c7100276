import Compute
import Errors
import Importance
import RandomStreams
import Transformer

/// The most memory that an analysis of own data takes, in bytes, counted by the code that allocates it. Scores and
/// interventions follow each other, and each gives back what it took.
package struct AnalysisMemory {
  /// The model on the device.
  package private(set) var weights = MemoryEstimate()
  /// What gradient scores take besides.
  package private(set) var scores = MemoryEstimate()
  /// What interventions take besides.
  package private(set) var interventions = MemoryEstimate()

  init(_ analysis: DataAnalysis, of checkpoint: CheckpointSource, largestAllocation: Int?) throws {
    let (configuration, data) = (checkpoint.configuration, analysis.data)
    try weights.addModel(checkpoint, weights: analysis.weights, largestAllocation: largestAllocation)
    let extents = data.batches(of: analysis.batchSize).map { batch in
      (
        rows: batch.reduce(0) { $0 + $1.tokens.count },
        targets: batch.reduce(0) { $0 + $1.targets.count { $0 >= 0 } }
      )
    }
    try scores.addScores(
      configuration, rows: extents.map(\.rows).max() ?? 0, outputRows: extents.map(\.targets).max() ?? 0,
      scores: analysis.measuredScores)
    var donors = CounterStream(seed: UInt64(analysis.seed), purpose: .resample)
    let samples = CausalSamples(data, from: &donors)
    try interventions.addSingleInterventions(
      configuration, samples[0..<min(samples.count, DataAnalysis.chunk)],
      analysis.methods(samples, configuration), rowLimit: ForkedForward.rowLimit(for: configuration))
  }

  /// The bytes of the phase that takes most, the host's among them if it is the device.
  private func most(_ bytes: (MemoryEstimate) -> Double) -> Double {
    bytes(weights) + max(bytes(scores), bytes(interventions))
  }

  /// Throws unless the analysis fits.
  ///
  /// - Throws: `StudyError.impossible`, which says what it needs and what there is.
  func check(on device: any Device, canKeep: Bool) throws {
    let room = MemoryRoom(device)
    let advice =
      "use fewer or shorter sequences, or a smaller --batch-size"
      + (canKeep ? "; --weights keep takes less for weights in half precision" : "")
    func refuse(_ needs: String, _ bytes: Double, _ has: String, _ limit: Double) -> StudyError {
      StudyError.impossible(
        "the analysis \(needs) \(gibibytes(bytes, digits: 1)), \(has) \(gibibytes(limit, digits: 1)); \(advice)"
      )
    }
    let selector = device.description.selector
    let needed = most(room.deviceBytes)
    guard needed <= room.device else {
      throw refuse("may need", needed, "and device \(selector) has", room.device)
    }
    let host = most(\.hostBytes)
    guard host <= room.host else { throw refuse("may need", host, "and this machine has", room.host) }
    let limit = device.description.largestAllocation.map(Double.init) ?? .infinity
    let largest = [weights, scores, interventions].map(\.largestBuffer).max() ?? 0
    guard largest <= limit else {
      throw refuse("may need a buffer of", largest, "and device \(selector) allows", limit)
    }
  }

  /// One line for each part.
  package func lines(on device: any Device) -> [String] {
    let room = MemoryRoom(device)
    return [
      ("weights", room.deviceBytes(weights)), ("gradient scores", room.deviceBytes(scores)),
      ("interventions", room.deviceBytes(interventions)), ("at most", most(room.deviceBytes)),
      ("device \(device.description.selector)", room.device),
    ].map { name, bytes in
      name.padding(toLength: 24, withPad: " ", startingAt: 0) + gibibytes(bytes)
    }
  }
}
