/// What a component's output is replaced with.
package enum ReplacementKind {
  /// Its mean activation, one vector for every row. A head's output is z, before the output projection.
  case mean
  case zero
  /// What the published program does: for a head, the coordinates [h·d_head, (h+1)·d_head) of the attention
  /// block's output, *after* the output projection, become the mean of the head's z. For an MLP, its mean.
  case published
  /// The component's activations in another forward over rows of the same shape, row by row. From a batch
  /// whose sequences were exchanged (`ActivationCache.exchangingSequences`) this is resampling.
  case patch(from: ActivationCache)
}

/// Replacements applied together to one forward.
package struct Intervention {
  package var replacements: [(component: Component, kind: ReplacementKind)]

  package init(_ replacements: [(component: Component, kind: ReplacementKind)] = []) {
    self.replacements = replacements
  }

  package init(_ component: Component, _ kind: ReplacementKind) {
    replacements = [(component, kind)]
  }

  /// The same replacement for several components.
  package init(_ components: [Component], _ kind: ReplacementKind) {
    replacements = components.map { ($0, kind) }
  }

  package static var none: Intervention { Intervention() }
}
