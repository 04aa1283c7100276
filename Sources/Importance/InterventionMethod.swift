import Transformer

/// How components are intervened on, by name: a factory of interventions.
package enum InterventionMethod: String, Sendable, Codable, CaseIterable {
  /// The component's mean output, one vector in every row. A head's output is z, before the output projection.
  case mean
  case zero
  /// What the published program does: for a head, the coordinates [h·d_head, (h+1)·d_head) of the attention
  /// block's output, *after* the output projection, become the mean of the head's z. For an MLP, its mean.
  case published
  /// The component's output for another sample of equal length, row by row.
  case resample
  /// Activation patching of the clean run: the component's output in the corrupted run.
  case noising
  /// Activation patching of the corrupted run: the component's output in the clean run.
  case denoising

  /// Whether it is made in the corrupted run, and good for the outcome where the component matters.
  package var restores: Bool { self == .denoising }

  /// The run it is made in.
  var base: Run { restores ? .corrupted : .clean }

  /// Whether it needs no run but its own.
  package var isAblation: Bool {
    switch self {
    case .mean, .zero, .published: true
    case .resample, .noising, .denoising: false
    }
  }

  /// The intervention on several components together; without components the run itself, unchanged.
  ///
  /// - Parameter means: needed by `mean` and `published`.
  /// - Throws: `ImportanceError.missingMeans`.
  package func intervention(on components: [Component], means: ComponentMeans? = nil) throws -> Intervention {
    Intervention(run: base.rawValue, patches: try components.map { try patch($0, means) })
  }

  private func patch(_ component: Component, _ means: ComponentMeans?) throws -> Patch {
    switch self {
    case .zero: return Patch(.output(component), .zero)
    case .resample: return Patch(.output(component), .run(Run.donor.rawValue))
    case .noising: return Patch(.output(component), .run(Run.corrupted.rawValue))
    case .denoising: return Patch(.output(component), .run(Run.clean.rawValue))
    case .mean, .published:
      guard let means else { throw ImportanceError.missingMeans }
      guard self == .published, case .head(let layer, let head) = component else {
        return Patch(.output(component), .constant(means[component]))
      }
      return Patch(.projectedColumns(layer: layer, head: head), .constant(means[component]))
    }
  }
}

/// The runs over a sample's rows.
enum Run: Int {
  case clean, corrupted, donor
}
