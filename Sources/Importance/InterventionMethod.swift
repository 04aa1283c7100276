import Transformer

/// A kind of intervention that can be applied to any component: a factory of interventions.
package enum InterventionMethod: String, Sendable, Codable, CaseIterable {
  /// Replaces the component's output by its mean, one vector for all rows. For a head this is z, before the
  /// output projection.
  case mean
  case zero
  /// What the published program does. For a head, the coordinates [h·d_head, (h+1)·d_head) of the attention
  /// block's output, *after* the output projection, become the mean of the head's z. For an MLP, the output
  /// becomes its mean.
  case published
  /// Replaces the component's output by its output for another sample of equal length, row by row.
  case resample
  /// Activation patching in the clean run: writes the component's output from the corrupted run.
  case noising
  /// Activation patching in the corrupted run: writes the component's output from the clean run.
  case denoising

  /// Whether it changes the corrupted run, so that the outcome improves if the component matters.
  package var restores: Bool { self == .denoising }

  /// The run that it changes.
  var base: Run { restores ? .corrupted : .clean }

  /// Whether it needs no other run.
  package var isAblation: Bool {
    switch self {
    case .mean, .zero, .published: true
    case .resample, .noising, .denoising: false
    }
  }

  /// The intervention on several components together. Without components it is the unchanged run.
  ///
  /// - Parameter means: needed for `mean` and `published`.
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

/// The runs over the rows of a sample.
enum Run: Int {
  case clean, corrupted, donor
}
