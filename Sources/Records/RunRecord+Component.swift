extension RunRecord {
  /// The scores of one attention head or MLP.
  package struct ComponentRecord: Codable, Sendable, Equatable {
    /// `L2_H1` or `L2_MLP`.
    package var name: String
    package var layer: Int
    /// `nil` for an MLP.
    @Nullable package var head: Int?
    /// Gradient importance by score: `frobenius`, …
    package var gradient: [String: Double]
    /// Causal importance by ablation, baseline accuracy minus ablated accuracy: `published`, `mean`, …
    package var causal: [String: Double]
    /// The rank by gradient importance. Ranks ascend from 1; ties share the average.
    package var gradientRank: Double
    /// The rank by causal importance.
    package var causalRank: Double
    /// `gradientRank - causalRank`.
    package var delta: Double
    /// JSON key `class`.
    package var componentClass: ComponentClass
    /// The causal rank, delta and class under each ablation of `causal`.
    package var measures: [String: Ranking]

    package init(
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

    /// The rank and class of a component under one ablation.
    package struct Ranking: Codable, Sendable, Equatable {
      package var causalRank: Double
      package var delta: Double
      /// JSON key `class`.
      package var componentClass: ComponentClass

      package init(causalRank: Double, delta: Double, componentClass: ComponentClass) {
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
