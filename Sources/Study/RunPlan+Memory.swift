import Compute
import Foundation
import Transformer

extension RunPlan {
  /// As `validate()`, and that the run fits the device's memory: a system that promises memory it does not have
  /// would end the program without a word.
  ///
  /// - Parameter models: trained side by side.
  /// - Throws: what `validate()` throws; `StudyError.impossible` for what is too large for the device.
  package func validate(on device: any Device, models: Int = 1) throws {
    try validate()
    let available = Self.memory(of: device)
    guard mostBytes(models: models) <= available else {
      func gibibytes(_ bytes: Double) -> String { String(format: "%.1f GiB", bytes / 1_073_741_824) }
      let subject = models == 1 ? "this model" : "\(models) of this model side by side"
      throw StudyError.impossible(
        "\(subject) with batches of \(batchSize) may need \(gibibytes(mostBytes(models: models))), device "
          + "\(device.description.selector) has \(gibibytes(available)); use a smaller model or batch"
          + (models == 1 ? "" : ", or fewer models side by side"))
    }
  }

  /// As many models as fit the device side by side, with some of its memory left to others: 1 to 1024.
  func largestEnsemble(on device: any Device) -> Int {
    largestEnsemble(memory: Self.memory(of: device), largestAllocation: device.description.largestAllocation)
  }

  /// - Parameters:
  ///   - memory: in bytes.
  ///   - largestAllocation: of one buffer, in bytes.
  func largestEnsemble(memory: Double, largestAllocation: Int?) -> Int {
    let share = 0.8
    // No index of a kernel reaches beyond 2³¹ elements.
    let elements = min(Double(largestAllocation ?? .max) / 4, 2_147_483_647)
    let ofOne = max(parameterCount, Double(trainingRows) * widestRow)
    return (1...1024).last {
      mostBytes(models: $0) <= share * memory && Double($0) * ofOne <= elements
    } ?? 1
  }

  private static func memory(of device: any Device) -> Double {
    Double(device.description.memory ?? Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }

  /// Doubles, here and below, because sizes asked for in jest overflow integers.
  private var parameterCount: Double {
    let (d, dMLP) = (Double(model.dModel), Double(model.dMLP))
    // Small tensors are padded, and described in about 50 words.
    let block = max(4 * d * d + 2 * d * dMLP + 9 * d + dMLP, 200)
    return Double(model.layers) * block + d * (2 * Double(model.vocabulary) + Double(model.context))
  }

  /// Elements of a row of the largest activation.
  private var widestRow: Double { Double(max(3 * model.dModel, model.dMLP, model.vocabulary)) }

  /// Rows of one model's longest training batch.
  private var trainingRows: Int { batchSize * (2 * studyProtocol.trainingLengths.upperBound + 2) }

  /// About what a run holds at most: parameters, their gradients and Adam's two moments, and the activations of the
  /// longest batch it may draw, or of an analysis's widest pass. Where models leave an ensemble, those that stay have parameters and moments twice
  /// for a moment.
  func mostBytes(models: Int) -> Double {
    let (d, dMLP) = (Double(model.dModel), Double(model.dMLP))
    let (layers, heads, vocabulary) = (Double(model.layers), Double(model.heads), Double(model.vocabulary))
    let row = layers * (8 * d + 2 * dMLP + heads + 4) + 16 * d + dMLP + 2 * vocabulary
    let rows = max(
      Double(models) * Double(trainingRows), Double(batchSize * longestSequence),
      Double(ForkedForward.defaultRowLimit))
    let copies = models == 1 ? 4.0 : 7.0
    return 4 * (copies * Double(models) * parameterCount + rows * row)
  }
}
