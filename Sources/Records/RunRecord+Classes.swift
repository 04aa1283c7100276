/// Removal of undefined classes. Heroes and bloats need two scores that differ between components. If one
/// score is equal for all components, all of its ranks are equal, so deltas would come from the other score
/// alone.
extension RunRecord {
  /// The record without classes, and without everything that follows from them, for every ablation that has
  /// no rho.
  ///
  /// The program no longer writes such classes, but records of its first versions have them.
  package var withDefinedClasses: RunRecord {
    var record = self
    for (name, measure) in measures where measure.rho == nil {
      record.measures[name]?.heroes = []
      record.measures[name]?.bloats = []
      for place in components.indices {
        record.components[place].measures[name]?.componentClass = .neutral
      }
    }
    guard rho == nil else { return record }
    (record.heroes, record.bloats) = ([], [])
    for place in components.indices { record.components[place].componentClass = .neutral }
    record.rigorous?.classConfidence = []
    record.rigorous?.redundancy.sets = []
    record.pruning?.prunesNothing()
    return record
  }
}

extension RunRecord.Pruning {
  fileprivate mutating func prunesNothing() {
    (heroes, bloats) = ([], [])
    (pruneHeroes, pruneBloats) = (nil, nil)
    (inDistributionPruneHeroes, inDistributionPruneBloats) = (nil, nil)
  }
}
