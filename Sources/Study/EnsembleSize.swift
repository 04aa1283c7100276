import Compute

/// How many models a study trains side by side. It affects how long a study takes and none of its results.
package enum EnsembleSize: Sendable, Equatable {
  /// One on a CPU, whose cores one model keeps busy. On other devices, the fastest number that fits into
  /// memory.
  case auto
  case fixed(Int)

  /// Models that may train side by side.
  static let possible = 1...1024

  /// - Throws: `StudyError.impossible` for a word that is not a size.
  package init(_ text: String) throws {
    if text == "auto" {
      self = .auto
    } else {
      guard let size = Int(text), Self.possible.contains(size) else {
        throw StudyError.impossible(
          "an ensemble must be auto or \(Self.possible.lowerBound) to \(Self.possible.upperBound), not '\(text)'"
        )
      }
      self = .fixed(size)
    }
  }

  /// - Parameters:
  ///   - trainings: the number of trainings still to be done.
  ///   - plan: the plan of one of them; the others have the same shape.
  func resolve(
    _ plan: RunPlan, trainings: Int, on device: any Device, supervisor: Supervisor
  ) throws -> Int {
    switch self {
    case .fixed(let size): return size
    case .auto:
      let isProcessor = device.description.kind == .cpu || device.description.kind == .reference
      let limit = min(trainings, try plan.largestEnsemble(on: device))
      guard !isProcessor, limit > 1 else { return 1 }
      let choice = try EnsembleProbe(plan: plan, device: device).choose(upTo: limit)
      supervisor.report(.ensembleChosen(choice.size, rates: choice.rates))
      return choice.size
    }
  }
}
