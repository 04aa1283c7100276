extension RunRecord {
  /// What components do together that they don't do alone. By mean ablation, on exact match and on log-probability.
  public struct Redundancy: Codable, Sendable, Equatable {
    /// `all_heroes` and `all_bloats`, where there are any.
    public var sets: [JointEffect]
    /// [components][components], effect on log-probability: the joint effect of the two less the sum of their single
    /// effects; 0 on the diagonal. Positive where they are redundant.
    public var pairInteractions: [[Double]]
    /// The same on exact match.
    public var pairInteractionsExactMatch: [[Double]]
    public var shapley: [ShapleyTable]

    public init(
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

  /// Components ablated together against the sum of their single effects.
  public struct JointEffect: Codable, Sendable, Equatable {
    public var name: String
    public var components: [String]
    public var effect: String
    public var joint: Double
    public var jointStandardError: Double
    public var sumOfSingles: Double
    public var sumStandardError: Double
    /// The same joint ablation's effect in distribution.
    @Nullable public var inDistribution: Double?

    public init(
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

  /// Shapley values of the components in the game of ablating them; they sum to the effect of ablating all.
  public struct ShapleyTable: Codable, Sendable, Equatable {
    public var effect: String
    public var values: [Double]
    @Nullable public var standardErrors: [Double]?
    /// The effect of ablating all.
    public var full: Double

    public init(effect: String, values: [Double], standardErrors: [Double]?, full: Double) {
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
