import Transformer

/// A kind of intervention that can be applied to any component: a factory of interventions.
package enum InterventionMethod: String, Sendable, Codable, CaseIterable {
  /// Replaces the component's output by its mean, one vector for all rows. For a head this is z, before the
  /// output projection.
  case mean
  case zero
  /// The ablation of the published program. For a head, the coordinates [h·d_head, (h+1)·d_head) of the
  /// attention block's output, *after* the output projection, become the mean of the head's z. For an MLP,
  /// the output becomes its mean.
  case published
  /// Replaces the component's output by its output for another sample of equal length, row by row.
  case resample
  /// Activation patching in the clean run: writes the component's output from the corrupted run.
  case noising
  /// Activation patching in the corrupted run: writes the component's output from the clean run.
  case denoising

  /// Whether the method changes the corrupted run, so that the outcome improves if the component matters.
  package var restores: Bool { self == .denoising }

  /// The run that the method changes.
  var base: Run { restores ? .corrupted : .clean }

  /// Whether the method needs no other run.
  package var isAblation: Bool { source == nil }

  /// The intervention on several components together. Without components it is the unchanged run.
  ///
  /// - Parameter means: needed for `mean` and `published`.
  /// - Throws: `ImportanceError.missingMeans`.
  package func intervention(on components: [Component], means: ComponentMeans? = nil) throws -> Intervention {
    Intervention(run: base.rawValue, patches: try components.map { try patch($0, means) })
  }

  /// The intervention on several edges together. Each reader's input changes by the change that the method
  /// makes in the writer's output. Other readers of the same writer are not affected.
  ///
  /// - Throws: `ImportanceError.missingMeans`; `.contradiction` for `published`, which acts after W_O, and
  ///   for a mean of the embedding.
  package func intervention(
    onEdges edges: [Edge], in configuration: ModelConfiguration, means: ComponentMeans? = nil
  ) throws -> Intervention {
    Intervention(
      run: base.rawValue,
      patches: try edges.map { edge in
        Patch(
          edge.reader.site(in: configuration),
          .difference(of: edge.writer.site, from: .run(base.rawValue), to: try value(of: edge.writer, means)))
      })
  }

  private func patch(_ component: Component, _ means: ComponentMeans?) throws -> Patch {
    let value = try value(of: component, means)
    return self == .published ? .afterProjection(component, value) : Patch(.output(component), value)
  }

  private func value(of component: Component, _ means: ComponentMeans?) throws -> Patch.Value {
    if let run = source { return .run(run.rawValue) }
    guard self != .zero else { return .zero }
    guard let means else { throw ImportanceError.missingMeans }
    return .constant(means[component])
  }

  private func value(of writer: Edge.Writer, _ means: ComponentMeans?) throws -> Patch.Value {
    switch (self, writer) {
    case (.published, _):
      throw ImportanceError.contradiction("published acts on columns after W_O, which belong to no edge")
    case (.mean, .embedding):
      throw ImportanceError.contradiction("the embedding has no mean; use zero or another run")
    case (_, .component(let component)): return try value(of: component, means)
    case (_, .embedding): return source.map { .run($0.rawValue) } ?? .zero
    }
  }

  /// The run from which the method takes outputs; nil if it needs none.
  private var source: Run? {
    switch self {
    case .mean, .zero, .published: nil
    case .resample: .donor
    case .noising: .corrupted
    case .denoising: .clean
    }
  }
}

extension Patch {
  /// Writes where the published program does: for a head, over its coordinates of the attention block's output, after W_O; for an MLP,
  /// over its output.
  package static func afterProjection(_ component: Component, _ value: Value) -> Patch {
    switch component {
    case .head(let layer, let head): Patch(.projectedColumns(layer: layer, head: head), value)
    case .mlp: Patch(.output(component), value)
    }
  }
}

/// The runs over the rows of a sample.
enum Run: Int {
  case clean, corrupted, donor
}
