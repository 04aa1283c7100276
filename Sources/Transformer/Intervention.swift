/// What is done to a forward: the run it is made in, and what is changed there. The one vocabulary for every
/// ablation and patch; methods such as mean ablation or denoising make values of it.
///
///     Intervention(patches: [Patch(.output(.mlp(layer: 0)), .zero)])             // ablates an MLP
///     Intervention(patches: [Patch(.output(.head(layer: 1, head: 2)), .run(1))])  // patches from another run
package struct Intervention: Hashable, Sendable {
  /// Which of the runs over the samples: 0 is the samples' own tokens, the others are given beside them.
  package var run: Int
  /// No two of the same site.
  package var patches: [Patch]

  package init(run: Int = 0, patches: [Patch] = []) {
    self.run = run
    self.patches = patches
  }

  /// The samples' own run, unchanged.
  package static let none = Intervention()
}

/// A site, and the values it takes in every row.
package struct Patch: Hashable, Sendable {
  package var site: Site
  package var value: Value

  package init(_ site: Site, _ value: Value) {
    self.site = site
    self.value = value
  }
}

extension Patch {
  /// What a patch puts at its site.
  package enum Value: Sendable {
    case zero
    /// The same vector in every row, as wide as the site.
    case constant([Double])
    /// Row by row what the site has in a run, which nothing changes.
    case run(Int)

    var run: Int? { if case .run(let run) = self { run } else { nil } }
  }
}

extension Patch.Value: Hashable {
  package func hash(into hasher: inout Hasher) {
    switch self {
    case .zero: hasher.combine(-1)
    case .run(let run): hasher.combine(run)
    // Vectors that differ differ at their ends, as a rule, and are long.
    case .constant(let vector):
      hasher.combine(vector.count)
      hasher.combine(vector.first)
      hasher.combine(vector.last)
    }
  }
}

extension Intervention {
  /// Throws where a model with so many runs beside each other cannot have it.
  ///
  /// - Throws: `ModelError.batch`, with the patch that cannot be made.
  func check(for configuration: ModelConfiguration, runs: Int) throws {
    guard (0..<runs).contains(run) else { throw ModelError.batch("there is no run \(run) among \(runs)") }
    for patch in patches {
      let name = patch.site.name
      guard patch.site.exists(in: configuration) else {
        throw ModelError.batch("an intervention at \(name), which the model does not have")
      }
      switch patch.value {
      case .zero: break
      case .constant(let vector):
        let width = patch.site.columns(of: configuration).count
        guard vector.count == width else {
          throw ModelError.batch("\(vector.count) values for \(name), which has \(width)")
        }
      case .run(let run):
        guard (0..<runs).contains(run) else {
          throw ModelError.batch("\(name) cannot come from run \(run) of \(runs)")
        }
      }
    }
    var sites = Set<Site>()
    if let twice = patches.first(where: { !sites.insert($0.site).inserted }) {
      throw ModelError.batch("two patches at \(twice.site.name)")
    }
  }
}
