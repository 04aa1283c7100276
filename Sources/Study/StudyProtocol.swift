import Importance
import Tasks
import Transformer

/// A named definition of what a study computes, recorded with every run. See docs/protocols.md.
///
/// A protocol is data. Any difference between two protocols is one of these values, and code reads the value,
/// never the name.
package struct StudyProtocol: Sendable, Equatable {
  /// Where random numbers come from.
  package enum Randomness: Sendable {
    /// Two Mersenne Twisters seeded with the seed: one for parameters, one for everything else in the order
    /// of use.
    case published
    /// One counter-based stream for each purpose, so a new measurement changes no other.
    case byPurpose
  }

  /// What is measured on a trained model.
  package enum Measurement: Sendable {
    /// One gradient score, the ablations of `measures`, and pruning: see `Analysis`.
    case alignment
    /// Many scores and interventions with their errors: see `RigorousAnalysis`.
    case rigorous
  }

  package let name: String
  package let measurement: Measurement
  /// How training samples become sequences. At evaluation every sequence stands alone.
  package let trainingLayout: BatchLayout
  package let positions: ModelConfiguration.Positions
  /// The gradient score that decides ranks and classes: `frobenius`, or `rms`, which divides it by the square root of the number of
  /// parameters.
  package var gradientScore = GradientScore.frobenius
  /// The measure that decides ranks, classes and pruning.
  package let causalMeasure: CausalMeasure
  /// All measures that are recorded.
  package let measures: [CausalMeasure]
  package let threshold: RankComparison.Threshold
  /// Whether pruning takes the most misaligned components or the first ones in component order.
  package let prunesStrongest: Bool
  /// Whether the protocol includes the experiment of the paper's Table 6.
  package let includesTable6: Bool
  /// Whether all heroes, and all bloats, are also ablated together, under each measure.
  package var ablatesJointly = false
  package let randomness: Randomness
  /// The number of samples in an accuracy.
  package let accuracySamples: Int
  /// The number of samples in the accuracy of a pruned model.
  package let pruningSamples: Int

  /// The values of N in training and in in-distribution accuracy.
  package var trainingLengths = 3...7
  package var evaluationInterval = 500
  package var convergedAccuracy = 0.90
  /// The lengths searched, in this order, for one whose accuracy lies in the window.
  package var oodLengths = [8, 9, 10, 11]
  /// Further lengths to try if none of them lies in the window.
  package var farLengths = [12, 13, 14, 15]
  package var oodWindow = 0.20...0.75
  package var gradientBatches = 50
  package var meanBatches = 50
  package var prunedComponents = 2

  /// What the published program computes, with its quirks.
  package static let published = StudyProtocol(
    name: "published", measurement: .alignment, trainingLayout: .published, positions: .none,
    causalMeasure: .published,
    measures: [.published, .mean], threshold: .beyond(6), prunesStrongest: false,
    includesTable6: true, randomness: .published, accuracySamples: 100, pruningSamples: 200)

  /// What the text of the paper describes.
  package static let paper = StudyProtocol(
    name: "paper", measurement: .alignment, trainingLayout: .packed, positions: .learned,
    causalMeasure: .mean, measures: [.mean],
    threshold: .from(6), prunesStrongest: true, includesTable6: false, randomness: .published,
    accuracySamples: 100,
    pruningSamples: 200)

  /// What the paper's third version says, as far as it says it, measured on the published program's models. Where its program ablates
  /// is not known, so that both readings are recorded: after W_O, like the program that is known, and before.
  package static let v3 = StudyProtocol(
    name: "v3", measurement: .alignment, trainingLayout: .published, positions: .none, gradientScore: .rms,
    causalMeasure: .published, measures: [.published, .mean, .publishedZero, .zero], threshold: .from(6),
    prunesStrongest: true, includesTable6: false, ablatesJointly: true, randomness: .published,
    accuracySamples: 100, pruningSamples: 200)

  /// What we would defend: paired samples, many scores and interventions, and an error for every number.
  package static let rigorous = StudyProtocol(
    name: "rigorous", measurement: .rigorous, trainingLayout: .packed, positions: .none, causalMeasure: .mean,
    measures: [.mean],
    threshold: .from(6), prunesStrongest: true, includesTable6: false, randomness: .byPurpose,
    accuracySamples: 2000, pruningSamples: 2000)

  /// Whether a part of what is measured may be left out.
  package var canBeReduced: Bool { measurement == .rigorous }

  package static let all = [published, paper, v3, rigorous]

  /// - Throws: `StudyError.unknownProtocol`.
  package static func named(_ name: String) throws -> StudyProtocol {
    guard let found = all.first(where: { $0.name == name }) else { throw StudyError.unknownProtocol(name) }
    return found
  }
}
