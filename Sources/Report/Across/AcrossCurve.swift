/// Rows of one task that differ in one key and otherwise at most in how much was spent on training and
/// measuring.
struct AcrossCurve {
  var task: String
  /// The settings that differ between studies but not within this curve; empty if this is the only curve of
  /// its task.
  var fixed: [String: Setting]
  /// The points by the value of the key; `row` is the index of a row.
  var points: [(value: Setting, row: Int)]
  /// The keys of the budget that differ between the points.
  var budgets: [String]

  /// Keys that limit the training or the number of samples: they change how precise a rho is, not what it
  /// measures.
  private static let spending = [
    "accuracy_samples", "gradient_batches", "max_steps", "mean_batches", "pruning_samples", "reduced",
  ]

  /// - Parameter keys: the keys in which the studies differ.
  /// - Returns: the curves with at least two values of `key`, in the order of the rows.
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

  /// A name such as `sort, positions rotary`.
  static func name(_ task: String, _ fixed: [String: Setting]) -> String {
    ([task] + fixed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }).joined(separator: ", ")
  }
}
