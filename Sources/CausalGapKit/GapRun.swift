import Foundation
import Records

/// What was measured on one model.
///
/// ```swift
/// let runs = try GapRun.read(in: URL(fileURLWithPath: "results/three"))
/// let heroes = runs.flatMap(\.components).filter { $0.kind == .hero }
/// ```
public struct GapRun: Sendable, Equatable {
  /// The name of the task.
  public let task: String
  /// The seed of data and initial weights.
  public let seed: Int
  /// The protocol under which it was measured.
  public let protocolName: String
  /// Spearman's rank correlation of gradient and causal importance over the components; nil if one of them is the same for all.
  public let rho: Double?
  /// Exact match out of distribution, from 0 to 1.
  public let accuracy: Double
  /// The heads and the MLP of each layer: `L0_H0`, `L0_H1`, …, `L0_MLP`, `L1_H0`, …
  public let components: [GapComponent]

  init(_ record: RunRecord) {
    (task, seed, protocolName) = (record.task, record.seed, record.protocolName)
    (rho, accuracy) = (record.rho, record.ood.accuracy)
    components = record.components.map { component in
      GapComponent(component, score: record.gradientScore, intervention: record.causalMeasure)
    }
  }

  /// The finished runs of a study's folder, by task and seed, checked against their checksums.
  ///
  /// - Parameter folder: The folder of the study.
  /// - Returns: The runs; none for a folder whose runs have not finished.
  /// - Throws: An error whose description is one line that names the file or folder that cannot be read.
  public static func read(in folder: URL) throws -> [GapRun] {
    try StudyFolder(folder).readRecords().map(GapRun.init)
  }
}

/// A head or an MLP of a model, with its two importances.
public struct GapComponent: Sendable, Equatable {
  /// How the two importances differ.
  public enum Kind: String, Sendable {
    /// It matters more when ablated than its gradient suggests.
    case hero
    /// It matters less when ablated than its gradient suggests.
    case bloat
    /// Neither of the two.
    case neutral
  }

  /// `L2_H1` or `L2_MLP`.
  public let name: String
  /// The layer, from 0.
  public let layer: Int
  /// The head in its layer, from 0; nil for an MLP.
  public let head: Int?
  /// The protocol's gradient score; nil if it was not measured.
  public let gradient: Double?
  /// The effect of the protocol's ablation on exact match; nil if it was not measured.
  public let causal: Double?
  /// The rank by gradient minus the rank by causal importance; ranks ascend from 1.
  public let rankDifference: Double
  /// What the difference of ranks makes of it.
  public let kind: Kind

  init(_ component: RunRecord.ComponentRecord, score: String, intervention: String) {
    (name, layer, head) = (component.name, component.layer, component.head)
    (gradient, causal) = (component.gradient[score], component.causal[intervention])
    rankDifference = component.delta
    kind =
      switch component.componentClass {
      case .hero: .hero
      case .bloat: .bloat
      case .neutral: .neutral
      }
  }
}
