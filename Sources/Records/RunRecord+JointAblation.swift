extension RunRecord {
  /// All heroes, or all bloats, ablated together under one ablation, beside what each costs alone: `v3`'s "14 times".
  package struct JointAblation: Codable, Sendable, Equatable {
    /// The ablation under which they are heroes or bloats, and by which they are ablated.
    package var measure: String
    /// `all_heroes` or `all_bloats`.
    package var set: String
    package var components: [String]
    /// Baseline accuracy minus accuracy with all of them ablated, on samples of their own.
    package var joint: Double
    package var sumOfSingles: Double

    package init(measure: String, set: String, components: [String], joint: Double, sumOfSingles: Double) {
      self.measure = measure
      self.set = set
      self.components = components
      self.joint = joint
      self.sumOfSingles = sumOfSingles
    }

    private enum CodingKeys: String, CodingKey {
      case measure, set, components, joint
      case sumOfSingles = "sum_of_singles"
    }
  }
}
