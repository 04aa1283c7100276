import Records

/// Words for the names in records, for figures and the page. A name that is not known is shown with blanks for underscores.
enum Words {
  private static let known = [
    // Gradient scores
    "frobenius": "gradient norm (published)", "rms": "gradient norm per parameter",
    "taylor": "gradient × weight", "taylor_absolute": "|gradient × weight|", "fisher": "Fisher information",
    "atp_qk_fix": "attribution patching (QK fix)", "grad_drop": "GradDrop",
    "relp": "relevance patching",
    // Batches
    "ood": "out of distribution", "training": "training batches",
    // Interventions
    "mean": "mean ablation", "zero": "zero ablation", "published": "published ablation",
    // Effects
    "log_probability": "log-probability", "token_accuracy": "token accuracy",
    "kl_divergence": "KL divergence",
    // Sets
    "all_heroes": "all heroes", "all_bloats": "all bloats",
    // Rankings
    "exact": "measured effects", "random": "random order",
    // Steps of the decomposition
    "ablate_before_w_o": "heads before W_O", "pair_samples": "same samples", "more_samples": "more samples",
    "normalise_gradient": "per parameter", "correct_attenuation": "corrected",
    // Tasks
    "sort": "sorting", "reverse": "reversal",
    // Settings
    "d_model": "width", "d_ff": "MLP width",
  ]

  static func of(_ name: String) -> String { known[name] ?? name.replacing("_", with: " ") }

  /// The name of a step of the decomposition; there `published` is no ablation.
  static func step(_ name: String) -> String {
    name == Decomposition.published ? "as published" : of(name)
  }

  static func score(_ key: GradientKey) -> String {
    key.distribution == RecordNames.Distribution.ood
      ? of(key.score) : "\(of(key.score)), \(of(key.distribution))"
  }

  static func causal(_ key: CausalKey) -> String { "\(of(key.method)), \(of(key.effect))" }

  /// `1 seed`, or `10 seeds`, after the name of a task.
  static func task(_ name: String, seeds: Int) -> String { "\(of(name)) (\(NumberText.seeds(seeds)))" }
}
