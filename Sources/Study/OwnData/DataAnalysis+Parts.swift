import Compute
import Digests
import Errors
import Foundation
import Importance
import Records
import Transformer

/// What is kept while the analysis runs.
extension DataAnalysis {
  /// What decides every number of the parts that are kept.
  func key(_ checkpoint: CheckpointSource, _ device: any Device) throws -> String {
    var sum = Checksum()
    for text in [
      Version.program, device.description.selector, device.description.name, device.description.driver,
      try checkpoint.identity(), "\(EdgeAttribution.defaultSteps)",
      data.checksum, "\(seed)", "\(batchSize)",
      measuredScores.map(\.rawValue).sorted().joined(separator: ","),
      methods(samples, checkpoint.configuration).map(\.rawValue).joined(separator: ","),
      estimated.rawValue, metric.rawValue,
    ] {
      sum.combine(text)
    }
    for (name, rows) in [("corrupted", data.corrupted), ("foils", data.foils)] {
      sum.combine(name)
      for row in rows ?? [] { sum.combine(row) }
    }
    return sum.digest
  }
}
