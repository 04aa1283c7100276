/// A change to a forward: the run to start from, and the patches to make in it. It is the only vocabulary for
/// ablations and patches; methods such as mean ablation or denoising create values of it.
///
///     Intervention(patches: [Patch(.output(.mlp(layer: 0)), .zero)])             // ablates an MLP
///     Intervention(patches: [Patch(.output(.head(layer: 1, head: 2)), .run(1))])  // patches from another run
package struct Intervention: Hashable, Sendable {
  /// The run over the samples: 0 reads the samples' own tokens; the others are given with the samples.
  package var run: Int
  /// At most one for each site.
  package var patches: [Patch]

  package init(run: Int = 0, patches: [Patch] = []) {
    self.run = run
    self.patches = patches
  }

  /// The samples' own run without changes.
  package static let none = Intervention()
}

/// A site, and the value that it takes in every row.
package struct Patch: Hashable, Sendable {
  package var site: Site
  package var value: Value

  package init(_ site: Site, _ value: Value) {
    self.site = site
    self.value = value
  }

  /// The value that a patch writes to its site, or adds to it.
  package enum Value: Sendable {
    case zero
    /// The same vector in every row, as wide as the site.
    case constant([Double])
    /// In each row, the site's value in another run, which must be unchanged itself.
    case run(Int)
    /// Adds, to an input or to the stream, the change of what another site writes to the stream. That site
    /// changes from one value to another, each of which is zero, a constant or a run's value. It is a
    /// component's output, or the stream that enters a block. This is an edge: `Patch(.input(v, .query),
    /// .difference(of: .output(u), from: .run(0), to: .run(1)))`.
    indirect case difference(of: Site, from: Value, to: Value)
  }
}

extension Patch.Value: Hashable {
  package func hash(into hasher: inout Hasher) {
    switch self {
    case .zero: hasher.combine(-1)
    case .run(let run): hasher.combine(run)
    // Different vectors usually differ at their ends, and hashing whole vectors would be slow.
    case .constant(let vector):
      hasher.combine(vector.count)
      hasher.combine(vector.first)
      hasher.combine(vector.last)
    case .difference(let site, let from, let to):
      hasher.combine(site)
      hasher.combine(from)
      hasher.combine(to)
    }
  }
}

extension Patch.Value {
  /// The runs whose rows the value uses.
  var runs: [Int] {
    switch self {
    case .zero, .constant: []
    case .run(let run): [run]
    case .difference(_, let from, let to): from.runs + to.runs
    }
  }

  /// The constant vectors in the value.
  var constants: [Patch.Value] {
    switch self {
    case .zero, .run: []
    case .constant: [self]
    case .difference(_, let from, let to): from.constants + to.constants
    }
  }

  /// The site whose change a difference adds; nil for other values.
  var writer: Site? { if case .difference(let site, _, _) = self { site } else { nil } }
}
