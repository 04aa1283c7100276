import Transformer

/// How components are intervened on where many interventions are measured over the same samples.
package enum InterventionMethod: String, Sendable, Codable, CaseIterable {
  /// The component's mean output.
  case mean
  case zero
  /// What the published program does, after the output projection (see `ReplacementKind.published`).
  case published
  /// The component's output for another sample of equal length, row by row.
  case resample
  /// Activation patching of the clean run: the component's output in the corrupted run.
  case noising
  /// Activation patching of the corrupted run: the component's output in the clean run.
  case denoising

  /// Whether it is made in the corrupted run, and good for the outcome where the component matters.
  package var restores: Bool { self == .denoising }

  package var needsMeans: Bool { self == .mean || self == .published }

  /// Where a single forward makes it, and by which of the means.
  var replacement: ReplacementKind { self == .published ? .published : .mean }
}

/// Components intervened on together.
package struct ComponentIntervention: Hashable, Sendable {
  package var components: [Component]
  package var method: InterventionMethod

  /// Without components it is the run itself: the clean one, or for `denoising` the corrupted.
  package init(_ components: [Component], _ method: InterventionMethod) {
    self.components = components
    self.method = method
  }
}

/// The runs over a sample's rows.
enum Run: Int {
  case clean, corrupted, donor
}

extension ComponentIntervention {
  func variant(_ configuration: ModelConfiguration) -> ForkedForward.Variant {
    ForkedForward.Variant(
      run: (method.restores ? Run.corrupted : .clean).rawValue,
      edits: components.map { component in
        let edit = Edit(lane: 0, component: component, kind: method.replacement)
        let source: ForkedForward.Source =
          switch method {
          case .mean, .published: .constant(edit.meanOffset(configuration))
          case .zero: .zeros
          case .resample: .run(Run.donor.rawValue)
          case .noising: .run(Run.corrupted.rawValue)
          case .denoising: .run(Run.clean.rawValue)
          }
        return ForkedForward.Edit(
          point: edit.point, columns: edit.columns(configuration), source: source)
      })
  }
}
