/// How the gradient importance of a component compares with its causal importance.
package enum ComponentClass: String, Codable, Sendable, CaseIterable {
  /// The causal rank is far above the gradient rank: the component matters more than its gradient suggests,
  /// so pruning by gradient would remove it.
  case hero
  /// The gradient rank is far above the causal rank: the component matters less than its gradient suggests.
  case bloat
  case neutral
}
