import Importance
import Tasks
import Transformer

/// What exactly a study computes, as a named value recorded with every run. See docs/protocols.md.
public struct StudyProtocol: Sendable, Equatable {
  /// How a head is ablated; an MLP's output is replaced by its mean either way.
  public enum CausalMeasure: String, Sendable, CaseIterable {
    /// As the published program: a slice of the attention block's output, after W_O, becomes the mean of z.
    case published
    /// The head's z, before W_O, becomes its mean.
    case mean

    func intervention(_ component: Component) -> Intervention {
      switch self {
      case .published: Intervention(component, .published)
      case .mean: Intervention(component, .mean)
      }
    }

    func intervention(_ components: [Component]) -> Intervention {
      switch self {
      case .published: Intervention(components, .published)
      case .mean: Intervention(components, .mean)
      }
    }
  }

  /// Where random numbers come from.
  public enum Randomness: Sendable {
    /// Two Mersenne Twisters seeded with the seed, for parameters and for everything else in the order it is needed.
    case published
    /// A counter-based stream for every purpose: adding a measurement changes no other.
    case byPurpose
  }

  public let name: String
  /// How training samples become sequences; at evaluation every sequence is alone.
  public let trainingLayout: BatchLayout
  public let positions: ModelConfiguration.Positions
  /// The measure that ranks, classes and pruning go by.
  public let causalMeasure: CausalMeasure
  /// All that are recorded.
  public let measures: [CausalMeasure]
  public let threshold: Alignment.Threshold
  /// Whether pruning takes the most misaligned components, or the first in component order.
  public let prunesStrongest: Bool
  /// Whether the experiment of the paper's Table 6 belongs to it.
  public let includesTable6: Bool
  public let randomness: Randomness
  /// Samples of an accuracy, and of one of a pruned model.
  public let accuracySamples: Int
  public let pruningSamples: Int

  /// N in training and in in-distribution accuracy.
  public let trainingLengths = 3...7
  public let evaluationInterval = 500
  public let convergedAccuracy = 0.90
  /// Searched in order for one whose accuracy lies in the window.
  public let oodLengths = [8, 9, 10, 11]
  /// Also looked at when none lies in the window.
  public let farLengths = [12, 13, 14, 15]
  public let oodWindow = 0.20...0.75
  public let gradientBatches = 50
  public let meanBatches = 50
  public let prunedComponents = 2

  /// What the published program computes, quirks included.
  public static let published = StudyProtocol(
    name: "published", trainingLayout: .published, positions: .none, causalMeasure: .published,
    measures: [.published, .mean], threshold: .beyond(6), prunesStrongest: false,
    includesTable6: true, randomness: .published, accuracySamples: 100, pruningSamples: 200)

  /// What the paper's text says.
  public static let paper = StudyProtocol(
    name: "paper", trainingLayout: .packed, positions: .learned, causalMeasure: .mean, measures: [.mean],
    threshold: .from(6), prunesStrongest: true, includesTable6: false, randomness: .published,
    accuracySamples: 100,
    pruningSamples: 200)

  /// What we would defend: paired samples, many scores and interventions, errors on everything.
  public static let rigorous = StudyProtocol(
    name: "rigorous", trainingLayout: .packed, positions: .none, causalMeasure: .mean, measures: [.mean],
    threshold: .from(6), prunesStrongest: true, includesTable6: false, randomness: .byPurpose,
    accuracySamples: 2000, pruningSamples: 2000)

  public static let all = [published, paper, rigorous]

  /// - Throws: `StudyError.unknownProtocol`.
  public static func named(_ name: String) throws -> StudyProtocol {
    guard let found = all.first(where: { $0.name == name }) else { throw StudyError.unknownProtocol(name) }
    return found
  }
}
