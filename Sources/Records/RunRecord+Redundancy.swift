extension RunRecord {
  /// What components do together but not alone, by mean ablation, on exact match and on log-probability.
  package struct Redundancy: Codable, Sendable, Equatable {
    /// The joint effects of `all_heroes` and `all_bloats`, if there are any.
    package var sets: [JointEffect]
    /// [components][components], effect on log-probability: the joint effect of two components minus the sum
    /// of their single effects; 0 on the diagonal. It is positive for redundant components.
    package var pairInteractions: [[Double]]
    /// The same on exact match.
    package var pairInteractionsExactMatch: [[Double]]
    package var shapley: [ShapleyTable]

    package init(
      sets: [JointEffect], pairInteractions: [[Double]], pairInteractionsExactMatch: [[Double]],
      shapley: [ShapleyTable]
    ) {
      self.sets = sets
      self.pairInteractions = pairInteractions
      self.pairInteractionsExactMatch = pairInteractionsExactMatch
      self.shapley = shapley
    }

    private enum CodingKeys: String, CodingKey {
      case sets
      case pairInteractions = "pair_interactions"
      case pairInteractionsExactMatch = "pair_interactions_exact_match"
      case shapley
    }
  }

  /// Components ablated together, compared with the sum of their single effects.
  package struct JointEffect: Codable, Sendable, Equatable {
    package var name: String
    package var components: [String]
    package var effect: String
    package var joint: Double
    package var jointStandardError: Double
    package var sumOfSingles: Double
    package var sumStandardError: Double
    /// The effect of the same joint ablation in distribution.
    @Nullable package var inDistribution: Double?

    package init(
      name: String, components: [String], effect: String, joint: Double, jointStandardError: Double,
      sumOfSingles: Double, sumStandardError: Double, inDistribution: Double?
    ) {
      self.name = name
      self.components = components
      self.effect = effect
      self.joint = joint
      self.jointStandardError = jointStandardError
      self.sumOfSingles = sumOfSingles
      self.sumStandardError = sumStandardError
      self.inDistribution = inDistribution
    }

    private enum CodingKeys: String, CodingKey {
      case name, components, effect, joint
      case jointStandardError = "joint_standard_error"
      case sumOfSingles = "sum_of_singles"
      case sumStandardError = "sum_standard_error"
      case inDistribution = "in_distribution"
    }
  }

  /// The Shapley values of the components in the game of ablating them. They sum to the effect of ablating
  /// all components.
  package struct ShapleyTable: Codable, Sendable, Equatable {
    package var effect: String
    package var values: [Double]
    @Nullable package var standardErrors: [Double]?
    /// The effect of ablating all components.
    package var full: Double

    package init(effect: String, values: [Double], standardErrors: [Double]?, full: Double) {
      self.effect = effect
      self.values = values
      self.standardErrors = standardErrors
      self.full = full
    }

    private enum CodingKeys: String, CodingKey {
      case effect, values
      case standardErrors = "standard_errors"
      case full
    }
  }
}
