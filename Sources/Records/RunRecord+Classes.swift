/// Heroes and bloats need two scores that differ between components. Where one is the same for all, equal ranks meet
/// those of the other score alone, and what is far from the middle rank would look misaligned.
extension RunRecord {
  /// The record without classes, and without what follows from them, under every ablation that has no rho.
  ///
  /// The program writes none; records of its first versions hold some.
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
