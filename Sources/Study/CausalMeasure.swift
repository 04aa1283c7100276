import Importance
import Transformer

/// How a head is ablated. An MLP's output is replaced by its mean, or by zeros.
package enum CausalMeasure: String, Sendable, CaseIterable {
  /// Like the published program: a slice of the attention block's output, after W_O, is replaced by the
  /// mean of z.
  case published
  /// The head's z, before W_O, is replaced by its mean.
  case mean
  /// The head's z, before W_O, is replaced by zeros.
  case zero
  /// Where `published` writes, zeros are written.
  case publishedZero = "published_zero"

  /// The intervention on several components together.
  ///
  /// - Throws: `ImportanceError`.
  func intervention(on components: [Component], means: ComponentMeans) throws -> Intervention {
    switch self {
    case .published: try InterventionMethod.published.intervention(on: components, means: means)
    case .mean: try InterventionMethod.mean.intervention(on: components, means: means)
    case .zero: try InterventionMethod.zero.intervention(on: components)
    case .publishedZero:
      Intervention(run: 0, patches: components.map { .afterProjection($0, .zero) })
    }
  }
}
