import Safetensors
import Transformer

/// Attributions of every edge as tensors for a file: `eap` and `eap_ig`, [writers, readers, B]. An element is
/// 0 if the writer does not come before the reader. The metadata lists `writers` and `readers` by name, in
/// order.
struct EdgeTensors {
  let tensors: [SafetensorsTensor]
  let metadata: [String: String]

  /// Computes the attributions.
  ///
  /// - Throws: `GradientScoreError.missingPartners` for a batch without a corrupted run.
  init(_ transformer: Transformer, _ batch: InspectedBatch) throws {
    guard let partners = batch.partners else { throw GradientScoreError.missingPartners }
    let both = try EdgeAttribution.both(transformer, batch.sequences, corrupted: partners)
    let found = [("eap", both.eap), ("eap_ig", both.integrated)]
    tensors = try found.map { name, attribution in
      try SafetensorsTensor(
        name: name,
        shape: [attribution.writers.count, attribution.readers.count, batch.sequences.count],
        floats: attribution.values.joined().joined().map(Float.init))
    }
    metadata = [
      "writers": found[0].1.writers.map(\.name).joined(separator: ","),
      "readers": found[0].1.readers.map(\.name).joined(separator: ","),
    ]
  }
}
