extension RunRecord {
  /// The scores of one attention head or MLP.
  public struct Component: Codable, Sendable, Equatable {
    /// `L2_H1` or `L2_MLP`.
    public var name: String
    public var layer: Int
    /// `nil` for an MLP.
    @Nullable public var head: Int?
    /// Gradient importance by score: `frobenius`, …
    public var gradient: [String: Double]
    /// Causal importance by ablation, baseline accuracy minus ablated accuracy: `published`, `mean`, …
    public var causal: [String: Double]
    /// Ranks ascend from 1; ties share the average.
    public var gradientRank: Double
    public var causalRank: Double
    /// `gradientRank - causalRank`.
    public var delta: Double
    /// JSON key `class`.
    public var componentClass: ComponentClass
    /// The same under each ablation of `causal`.
    public var measures: [String: Ranking]

    public init(
      name: String, layer: Int, head: Int?, gradient: [String: Double], causal: [String: Double],
      gradientRank: Double, causalRank: Double, delta: Double, componentClass: ComponentClass,
      measures: [String: Ranking]
    ) {
      self.name = name
      self.layer = layer
      self.head = head
      self.gradient = gradient
      self.causal = causal
      self.gradientRank = gradientRank
      self.causalRank = causalRank
      self.delta = delta
      self.componentClass = componentClass
      self.measures = measures
    }

    private enum CodingKeys: String, CodingKey {
      case name, layer, head, gradient, causal
      case gradientRank = "gradient_rank"
      case causalRank = "causal_rank"
      case delta
      case componentClass = "class"
      case measures
    }

    /// Where a component stands under one ablation.
    public struct Ranking: Codable, Sendable, Equatable {
      public var causalRank: Double
      public var delta: Double
      /// JSON key `class`.
      public var componentClass: ComponentClass

      public init(causalRank: Double, delta: Double, componentClass: ComponentClass) {
        self.causalRank = causalRank
        self.delta = delta
        self.componentClass = componentClass
      }

      private enum CodingKeys: String, CodingKey {
        case causalRank = "causal_rank"
        case delta
        case componentClass = "class"
      }
    }
  }
}
