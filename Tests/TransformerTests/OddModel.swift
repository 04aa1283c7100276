import Tasks
import TestModels

@testable import Transformer

/// A small model of odd sizes, and sequences for two of it.
enum OddModel {
  static func configuration(_ positions: ModelConfiguration.Positions, layers: Int) -> ModelConfiguration {
    ModelConfiguration(
      layers: layers, heads: 3, dModel: 30, dMLP: 50, vocabulary: 31, context: 24, positions: positions)
  }

  /// Two models, each with sequences of its own.
  static func lanes() throws -> [Lane] {
    let sequences = try Fixtures.smallSequences()
    return [Lane(model: 0, sequences: sequences), Lane(model: 1, sequences: Array(sequences.dropFirst(2)))]
  }
}
