/// Rows of one task that differ in one key, and besides at most in how much was spent on training and measuring.
struct AcrossCurve {
  var task: String
  /// The settings that differ between studies and not within this curve; none where this is the only one of its task.
  var fixed: [String: Setting]
  /// By the key's value; `row` is its place among the rows.
  var points: [(value: Setting, row: Int)]
  /// What was spent differently.
  var budgets: [String]

  /// Keys that bound the training or say how finely was measured: they change a rho's error and not what it is of.
  private static let spending = [
    "accuracy_samples", "gradient_batches", "max_steps", "mean_batches", "pruning_samples", "reduced",
  ]

  /// - Parameter keys: those in which the studies differ.
  /// - Returns: curves with two values of `key` or more, in the order of the rows.
  static func all(_ rows: [AcrossStudies.Row], along key: String, _ keys: [String]) -> [AcrossCurve] {
    struct Group: Hashable {
      var task: String
      var fixed: [String: Setting]
    }
    let kept = Set(keys).subtracting(spending + [key, AcrossStudies.folderKey])
    let groups = rows.map { row in
      Group(task: row.task, fixed: row.settings.filter { kept.contains($0.key) })
    }
    return firstSeen(groups).compactMap { group in
      let places = rows.indices.filter { groups[$0] == group }
      let points = places.compactMap { place in rows[place].settings[key].map { (value: $0, row: place) } }
      guard Set(points.map(\.value)).count > 1 else { return nil }
      let budgets = keys.filter { name in
        spending.contains(name) && Set(places.map { rows[$0].settings[name] }).count > 1
      }
      return AcrossCurve(
        task: group.task, fixed: group.fixed,
        points: points.sorted { ($0.value, $0.row) < ($1.value, $1.row) }, budgets: budgets)
    }
  }

  var name: String { Self.name(task, fixed) }

  /// `sort, positions rotary`
  static func name(_ task: String, _ fixed: [String: Setting]) -> String {
    ([task] + fixed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }).joined(separator: ", ")
  }
}
