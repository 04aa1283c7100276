import Compute
import Importance
import RandomStreams
import Tasks
import Transformer

/// The effect of each of the 156 components of a decoder in the shape of GPT-2 small on 100 pairs of 16 tokens: by mean and
/// zero ablation, by resampling and by patching. It has random parameters, because no time depends on their values.
final class AblationsWorkload: Workload {
  private static let (pairs, tokens) = (100, 16)
  private let evaluation: CausalEvaluation
  private let components: [Component]

  init(on device: any Device) throws {
    var architecture = Architecture()
    architecture.activation = .geluTanh
    architecture.biases = [.queryKeyValue, .attentionOutput, .mlp]
    architecture.isTied = true
    let configuration = ModelConfiguration(
      layers: 12, heads: 12, dModel: 768, dMLP: 3072, vocabulary: 50257, context: 1024, positions: .learned,
      architecture: architecture)
    var stream = MersenneTwister(seed: 42)
    let transformer = try Transformer(
      configuration, parameters: [ParameterLayout(configuration).initialParameters(from: &stream)], on: device
    )
    let data = Self.data(vocabulary: configuration.vocabulary, &stream)
    let means = try ComponentMeans(transformer, batches: data.batches(of: 64))
    transformer.releaseBuffers()
    var donors = CounterStream(seed: 42, purpose: .resample)
    var evaluation = CausalEvaluation(transformer, CausalSamples(data, from: &donors), means: means)
    evaluation.measuresDivergence = true
    evaluation.rowLimit = ForkedForward.rowLimit(for: configuration)
    self.evaluation = evaluation
    components = Component.all(of: configuration)
  }

  /// Random tokens, a token in the middle of which is another in the corrupted run; an answer and a foil at the end.
  private static func data(vocabulary: Int, _ stream: inout MersenneTwister) -> TokenData {
    func token() -> Int32 { Int32(stream.integer(in: 0..<vocabulary)) }
    var (sequences, corrupted, foils): ([TokenSequence], [[Int32]], [[Int32]]) = ([], [], [])
    let none = [Int32](repeating: TokenSequence.noLoss, count: tokens - 1)
    for _ in 0..<pairs {
      let clean = (0..<tokens).map { _ in token() }
      var other = clean
      other[tokens / 2] = token()
      sequences.append(TokenSequence(tokens: clean, targets: none + [token()]))
      corrupted.append(other)
      foils.append(none + [token()])
    }
    return TokenData(sequences, corrupted: corrupted, foils: foils)
  }

  func run() throws -> WorkloadTime {
    WorkloadTime(
      seconds: try seconds {
        _ = try evaluation.effects(of: components.map { [$0] }, [.mean, .zero, .resample, .noising])
      })
  }
}
