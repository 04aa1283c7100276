import Compute
import Errors
import Foundation
import Importance
import Transformer

extension PlannedTraining {
  /// Does what `validate()` does and checks that the run fits into the device's memory. A system that
  /// overcommits memory would otherwise kill the program without a message.
  ///
  /// - Parameter models: the number of models trained side by side.
  /// - Throws: what `validate()` throws; `StudyError.impossible` if the run is too large for the device.
  package func validate(on device: any Device, models: Int = 1) throws {
    try validate()
    let largest = device.description.largestAllocation
    let recomputes = try recomputesActivations(on: device, models: models)
    let needed = try memory(models: models, largestAllocation: largest, recomputes: recomputes)
    let isHalf = activations != .float32
    let savings =
      isHalf
      ? " and activations as \(activations.rawValue)" : recomputes ? " and activation checkpointing" : ""
    let subject = "device \(device.description.selector)"
    func refusal(
      _ needs: String, _ bytes: Double, _ place: String, _ has: String, _ limit: Double
    ) -> StudyError {
      let these = models == 1 ? "this model" : "\(models) of this model side by side"
      return StudyError.impossible(
        "\(these) with batches of \(batchSize)\(savings) \(needs) "
          + "\(gibibytes(bytes, digits: 1)), \(place) \(has) "
          + "\(gibibytes(limit, digits: 1)); use a smaller model or batch"
          + (models == 1 ? "" : ", or fewer models side by side")
          + (checkpointing == .off ? ", or \(StudyOption.activationCheckpointing.flag) auto" : "")
          + (isHalf ? ", or activation checkpointing instead of \(activations.rawValue)" : ""))
    }
    let room = MemoryRoom(device)
    guard room.deviceBytes(needed) <= room.device else {
      throw refusal("may need", room.deviceBytes(needed), subject, "has", room.device)
    }
    guard needed.hostBytes <= room.host else {
      throw refusal("may need", needed.hostBytes, "this machine", "has", room.host)
    }
    let limit = largest.map(Double.init) ?? .infinity
    guard needed.largestBuffer <= limit else {
      throw refusal("may need a buffer of", needed.largestBuffer, subject, "allows", limit)
    }
  }

  /// The number of models, 1 to 1024, that fit on the device side by side while some memory is left for other
  /// programs.
  func largestEnsemble(on device: any Device) throws -> Int {
    try largestEnsemble(in: MemoryRoom(device), largestAllocation: device.description.largestAllocation)
  }

  /// - Parameters:
  ///   - room: the available memory.
  ///   - largestAllocation: the largest size of one buffer in bytes.
  func largestEnsemble(in room: MemoryRoom, largestAllocation: Int?) throws -> Int {
    let share = 0.8
    let limit = Double(
      ParameterStore.limit(largestAllocation: largestAllocation) * ElementType.float32.byteCount)
    var (fits, tooMany) = (1, 1025)
    while fits + 1 < tooMany {
      let models = (fits + tooMany) / 2
      let needed = try self.memory(
        models: models, largestAllocation: largestAllocation, recomputes: checkpointing == .on)
      if room.deviceBytes(needed) <= share * room.device, needed.hostBytes <= share * room.host,
        needed.largestBuffer <= limit
      {
        fits = models
      } else {
        tooMany = models
      }
    }
    return fits
  }

  /// The most memory that a run needs, counted by the code that allocates it: parameters, their gradients and
  /// Adam's two moments, and the activations of the longest batch it may draw or of the widest pass of its
  /// analysis. While finished models are removed from an ensemble, the parameters and moments of the
  /// remaining models exist twice.
  ///
  /// - Parameters:
  ///   - largestAllocation: the largest size of one buffer on the device, in bytes.
  ///   - recomputes: whether passes keep only the inputs of blocks for the backward.
  package func memory(
    models: Int, largestAllocation: Int?, recomputes: Bool = false
  ) throws -> MemoryEstimate {
    let estimate = MemoryEstimate()
    try estimate.addParameters(
      model, models: models, copies: models == 1 ? 4 : 7, optimiser: optimiser,
      largestAllocation: largestAllocation)
    let rows = max(models * trainingRows, otherRows)
    // What comes after the training keeps single precision.
    let (training, others) = (MemoryEstimate(), MemoryEstimate())
    try training.addPasses(
      model, rows: models * trainingRows, recomputes: recomputes, format: activations.format)
    try others.addPasses(model, rows: otherRows, recomputes: recomputes)
    estimate.add(largestOf: [training, others])
    estimate.addHost(model, models: models)
    if measuresGradientScores {
      try estimate.addGradientScores(model, rows: rows)
      try estimate.addForkedForward(model, rowLimit: otherRows)
    }
    return estimate
  }
}
