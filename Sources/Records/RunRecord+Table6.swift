extension RunRecord {
  /// The experiment behind the paper's Table 6: all bloats among the heads of a sorting model pruned
  /// together.
  package struct Table6: Codable, Sendable, Equatable {
    /// The training of this experiment's own model; `nil` if the run's model was used.
    @Nullable package var training: Training?
    @Nullable package var oodLength: Int?
    @Nullable package var oodAccuracy: Double?
    /// For each head, the norm of its layer's whole W_v gradient, and the accuracy lost when it is ablated.
    package var gradient: [String: Double]
    package var causal: [String: Double]
    package var bloats: [String]
    /// In-distribution accuracies; `idPruned` is `nil` if there is no bloat to prune.
    @Nullable package var idBase: Double?
    @Nullable package var idPruned: Double?
    @Nullable package var note: String?

    package init(
      training: Training? = nil, oodLength: Int? = nil, oodAccuracy: Double? = nil,
      gradient: [String: Double] = [:], causal: [String: Double] = [:], bloats: [String], idBase: Double?,
      idPruned: Double?, note: String? = nil
    ) {
      self.training = training
      self.oodLength = oodLength
      self.oodAccuracy = oodAccuracy
      self.gradient = gradient
      self.causal = causal
      self.bloats = bloats
      self.idBase = idBase
      self.idPruned = idPruned
      self.note = note
    }

    private enum CodingKeys: String, CodingKey {
      case training
      case oodLength = "ood_length"
      case oodAccuracy = "ood_accuracy"
      case gradient, causal, bloats
      case idBase = "id_base"
      case idPruned = "id_pruned"
      case note
    }
  }
}
