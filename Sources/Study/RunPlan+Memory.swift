import Compute
import Foundation
import Importance
import Transformer

extension RunPlan {
  /// Does what `validate()` does and checks that the run fits into the device's memory. A system that
  /// overcommits memory would otherwise kill the program without a message.
  ///
  /// - Parameter models: the number of models trained side by side.
  /// - Throws: what `validate()` throws; `StudyError.impossible` if the run is too large for the device.
  package func validate(on device: any Device, models: Int = 1) throws {
    try validate()
    let (available, largest) = (Self.memory(of: device), device.description.largestAllocation)
    let needed = try memory(models: models, largestAllocation: largest)
    func refusal(_ needs: String, _ bytes: Double, _ has: String, _ limit: Double) -> StudyError {
      func gibibytes(_ bytes: Double) -> String { String(format: "%.1f GiB", bytes / 1_073_741_824) }
      let subject = models == 1 ? "this model" : "\(models) of this model side by side"
      return StudyError.impossible(
        "\(subject) with batches of \(batchSize) \(needs) \(gibibytes(bytes)), device "
          + "\(device.description.selector) \(has) \(gibibytes(limit)); use a smaller model or batch"
          + (models == 1 ? "" : ", or fewer models side by side"))
    }
    guard needed.bytes <= available else {
      throw refusal("may need", needed.bytes, "has", available)
    }
    let limit = largest.map(Double.init) ?? .infinity
    guard needed.largestBuffer <= limit else {
      throw refusal("may need a buffer of", needed.largestBuffer, "allows", limit)
    }
  }

  /// The number of models, 1 to 1024, that fit on the device side by side while some memory is left for other
  /// programs.
  func largestEnsemble(on device: any Device) throws -> Int {
    try largestEnsemble(
      memory: Self.memory(of: device), largestAllocation: device.description.largestAllocation)
  }

  /// - Parameters:
  ///   - memory: the available memory in bytes.
  ///   - largestAllocation: the largest size of one buffer in bytes.
  func largestEnsemble(memory: Double, largestAllocation: Int?) throws -> Int {
    let share = 0.8
    let limit = Double(
      ParameterStore.limit(largestAllocation: largestAllocation) * ElementType.float32.byteCount)
    var (fits, tooMany) = (1, 1025)
    while fits + 1 < tooMany {
      let models = (fits + tooMany) / 2
      let needed = try self.memory(models: models, largestAllocation: largestAllocation)
      if needed.bytes <= share * memory, needed.largestBuffer <= limit {
        fits = models
      } else {
        tooMany = models
      }
    }
    return fits
  }

  private static func memory(of device: any Device) -> Double {
    Double(device.description.memory ?? Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }

  /// The number of rows in one model's longest training batch.
  private var trainingRows: Int { batchSize * (2 * studyProtocol.trainingLengths.upperBound + 2) }

  /// The most memory that a run needs, counted by the code that allocates it: parameters, their gradients and
  /// Adam's two moments, and the activations of the longest batch it may draw or of the widest pass of its
  /// analysis. While finished models are removed from an ensemble, the parameters and moments of the
  /// remaining models exist twice.
  ///
  /// - Parameter largestAllocation: the largest size of one buffer on the device, in bytes.
  func memory(models: Int, largestAllocation: Int?) throws -> MemoryEstimate {
    let estimate = MemoryEstimate()
    try estimate.addParameters(
      model, models: models, copies: models == 1 ? 4 : 7, largestAllocation: largestAllocation)
    let rows = max(
      models * trainingRows, batchSize * longestSequence, ForkedForward.defaultRowLimit)
    try estimate.addPasses(model, rows: rows)
    if studyProtocol.measurement == .rigorous { try estimate.addGradientScores(model, rows: rows) }
    return estimate
  }
}
