/// How a component's gradient importance stands to its causal importance.
package enum ComponentClass: String, Codable, Sendable, CaseIterable {
  /// Its causal rank lies far above its gradient rank: pruning by gradient would lose it.
  case hero
  /// Its gradient rank lies far above its causal rank.
  case bloat
  case neutral
}
