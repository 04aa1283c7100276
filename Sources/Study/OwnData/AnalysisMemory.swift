import Compute
import Errors
import Importance
import Transformer

/// The most memory that an analysis of own data takes, in bytes, counted by the code that allocates it. Reading the model,
/// scores, edges, interventions and circuits follow each other, and each gives back what it took.
package struct AnalysisMemory {
  /// The model on the device and, in the host's memory, what it takes to read it.
  package private(set) var model = MemoryEstimate()
  /// What means and gradient scores take besides the model.
  package private(set) var scores = MemoryEstimate()
  /// What scores of edges take besides the model.
  package private(set) var edges = MemoryEstimate()
  /// What circuits of edges take besides the model.
  package private(set) var edgeCircuits = MemoryEstimate()
  /// What interventions take besides the model.
  package private(set) var interventions = MemoryEstimate()
  /// What circuits of components take besides the model.
  package private(set) var componentCircuits = MemoryEstimate()
  /// What edges and circuits of components take on the disk while the analysis runs.
  package private(set) var partBytes = 0.0
  private var phases: [MemoryEstimate] { [scores, edges, edgeCircuits, interventions, componentCircuits] }

  init(_ analysis: DataAnalysis, of checkpoint: CheckpointSource, largestAllocation: Int?) throws {
    let configuration = checkpoint.configuration
    try model.addModel(checkpoint, weights: analysis.weights, largestAllocation: largestAllocation)
    try scores.addScores(
      configuration, analysis.data.batches(of: analysis.batchSize), scores: analysis.measuredScores,
      method: analysis.estimated, metric: analysis.metric)
    let samples = analysis.samples
    if analysis.scoresEdges {
      let pieces = analysis.edgePieces(configuration)
      let rows = pieces.map { piece in
        analysis.data.sequences[piece].reduce(0) { $0 + $1.tokens.count }
      }
      let numbers = EdgeScores(configuration).shapes.values.reduce(0) { $0 + $1.rows * $1.columns }
      partBytes += 8 * Double(pieces.count) * Double(numbers)
      try edges.addEdgeScores(
        configuration, rows: rows.max() ?? 0, samples: pieces.map(\.count).max() ?? 0,
        metric: analysis.metric)
    }
    if analysis.edgeFaithfulness {
      let pieces = analysis.circuitPieces(configuration).map { analysis.data.sequences[$0] }
      try edgeCircuits.addEdgeCircuit(
        configuration, rows: pieces.map { $0.reduce(0) { $0 + $1.tokens.count } }.max() ?? 0,
        outputRows: pieces.map { $0.reduce(0) { $0 + $1.targets.count { $0 >= 0 } } }.max() ?? 0)
    }
    let chunks = (0..<samples.count).pieces(of: DataAnalysis.chunk).map { samples[$0] }
    try interventions.addSingleInterventions(
      configuration, chunks, analysis.methods(samples, configuration),
      rowLimit: ForkedForward.rowLimit(for: configuration))
    guard analysis.faithfulness else { return }
    let components = Component.all(of: configuration).count
    try componentCircuits.addForkedForward(
      configuration,
      rowLimit: max(analysis.data.longest, ForkedForward.rowLimit(for: configuration)),
      outputRows: analysis.data.mostTargets)
    // The interventions of circuits, each on half of the components on average, with a vector for each.
    let vector =
      (configuration.attentionWidth + configuration.dModel) / (2 * (configuration.heads + 1))
      + 24
    componentCircuits.addHost(
      doubles: DataAnalysis.circuitsAtOnce.saturatingProduct(with: components * vector / 2))
    let circuits = analysis.rankingCount * components
    partBytes += 8 * Double(Effect.allCases.count * circuits * analysis.data.count)
  }

  /// The bytes on the device during the phase that takes most. Where the device's memory is the host's, those of the host
  /// count too, except those that it takes to read the model where it is read in place.
  private func mostOnDevice(_ room: MemoryRoom) -> Double {
    let most = phases.map(room.deviceBytes).max() ?? 0
    return model.bytes + max(most, room.isShared && !room.readsInPlace ? model.hostBytes : 0)
  }

  /// - Parameter canKeep: whether the weights could be kept in half precision and are not.
  /// - Throws: `StudyError.impossible`, which says what the analysis needs and what there is, unless it fits.
  func check(on device: any Device, canKeep: Bool) throws {
    let room = MemoryRoom(device)
    let fewer = "use fewer or shorter sequences, or a smaller --batch-size"
    func refusal(
      _ needs: String, _ bytes: Double, _ has: String, _ limit: Double, _ advice: String
    ) -> StudyError {
      StudyError.impossible(
        "the analysis \(needs) \(gibibytes(bytes, digits: 1)), and \(has) \(gibibytes(limit, digits: 1)); \(advice)"
      )
    }
    let selector = device.description.selector
    let needed = mostOnDevice(room)
    guard needed <= room.device else {
      let advice =
        canKeep
        ? "--weights keep takes less" : model.bytes > room.device ? "use another device" : fewer
      throw refusal("may need", needed, "device \(selector) has", room.device, advice)
    }
    let host = ([model] + phases).map(\.hostBytes).max() ?? 0
    guard host <= room.host else { throw refusal("may need", host, "this machine has", room.host, fewer) }
    let limit = device.description.largestAllocation.map(Double.init) ?? .infinity
    let largest = ([model] + phases).map(\.largestBuffer).max() ?? 0
    guard largest <= limit else {
      throw refusal("may need a buffer of", largest, "device \(selector) allows", limit, fewer)
    }
  }

  /// One line for each phase, and what the parts of edges and of circuits of components take on the disk.
  package func lines(on device: any Device) -> [String] {
    let room = MemoryRoom(device)
    return [
      ("weights", model.bytes), ("gradient scores", room.deviceBytes(scores)),
      ("edges", room.deviceBytes(edges)), ("circuits of edges", room.deviceBytes(edgeCircuits)),
      ("interventions", room.deviceBytes(interventions)),
      ("circuits of components", room.deviceBytes(componentCircuits)),
      ("at most", mostOnDevice(room)), ("device \(device.description.selector)", room.device),
      ("parts, on the disk", partBytes),
    ].filter { $0.1 > 0 }.map { name, bytes in
      name.padding(toLength: 24, withPad: " ", startingAt: 0) + gibibytes(bytes)
    }
  }
}
