import Importance
import Records
import Transformer

/// The published score of heads of keys that several heads share, over batches; nothing where every head has its own.
struct SharedKeys {
  private static let name = "shared_keys"
  private let configuration: ModelConfiguration
  private var batches = 0
  /// [layer][key head]
  private var sums: [[Double]]

  init(_ configuration: ModelConfiguration) {
    self.configuration = configuration
    sums = [[Double]](
      repeating: [Double](repeating: 0, count: configuration.keyHeads), count: configuration.layers)
  }

  /// The shape of what `tables` gives.
  var shapes: [String: AnalysisParts.Shape] {
    configuration.sharesKeys
      ? [Self.name: (rows: configuration.layers, columns: configuration.keyHeads)] : [:]
  }

  /// Of the batch whose gradients of weights the model has.
  func tables(_ transformer: Transformer) throws -> [String: [[Double]]] {
    configuration.sharesKeys ? [Self.name: try KeyGroupNorms(transformer).values] : [:]
  }

  /// Adds what `tables` gave for a batch.
  mutating func add(_ tables: [String: [[Double]]]) {
    guard let values = tables[Self.name] else { return }
    batches += 1
    sums = zip(sums, values).map { zip($0, $1).map(+) }
  }

  /// The means over batches.
  var means: [RunRecord.KeyGroup]? {
    guard batches > 0 else { return nil }
    return sums.enumerated().flatMap { layer, values in
      values.enumerated().map {
        RunRecord.KeyGroup(layer: layer, keyHead: $0, frobenius: $1 / Double(batches))
      }
    }
  }
}
