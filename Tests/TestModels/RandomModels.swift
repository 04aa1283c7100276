import Compute
import RandomStreams
import Tasks
import Transformer

extension ParameterLayout {
  /// Random parameters, in which the norms' parameters are not ones and zeros.
  ///
  /// - Parameter attentionScale: multiplies the weights of queries and keys, so that heads differ more.
  package func randomParameters(seed: UInt64, attentionScale: Float = 1) -> [Float] {
    var stream = CounterStream(seed: seed, purpose: .initialisation)
    var parameters = initialParameters(from: &stream)
    for tensor in namedTensors {
      var values = tensor.extract(from: parameters)
      if tensor.name.contains("ln") {
        values = zip(values, stream.uniform(count: values.count, bound: 0.5)).map { $0 + $1 }
      } else if tensor.name.contains("W_Q") || tensor.name.contains("W_K") {
        values = values.map { attentionScale * $0 }
      }
      tensor.insert(values, into: &parameters)
    }
    return parameters
  }
}

extension NamedTensor {
  /// Copies all elements, in row-major order, into one model's flat parameters.
  package func insert(_ values: [Float], into parameters: inout [Float]) {
    parameters.withUnsafeMutableBufferPointer { parameters in
      values.withUnsafeBufferPointer { insert($0, from: 0, into: parameters) }
    }
  }
}

extension Transformer {
  /// A model with random parameters.
  package convenience init(
    random configuration: ModelConfiguration, seed: UInt64, attentionScale: Float = 1, on device: any Device
  ) throws {
    let parameters = ParameterLayout(configuration)
      .randomParameters(seed: seed, attentionScale: attentionScale)
    try self.init(configuration, parameters: [parameters], on: device)
  }
}

/// Sequences of `lengths` tokens, of which about half of the positions have a target.
package func randomSequences(_ lengths: [Int], vocabulary: Int, seed: UInt64) -> [TokenSequence] {
  var stream = CounterStream(seed: seed, purpose: .validation)
  return lengths.map { length in
    let tokens = (0..<length).map { _ in Int32(stream.integer(in: 0..<vocabulary)) }
    var targets = (0..<length).map { _ in Int32(stream.integer(in: -vocabulary..<vocabulary)) }
    targets = targets.map { $0 < 0 ? TokenSequence.noLoss : $0 }
    if length > 1 { targets[length / 2] = 1 }
    return TokenSequence(tokens: tokens, targets: targets)
  }
}
