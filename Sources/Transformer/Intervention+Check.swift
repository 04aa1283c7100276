extension Intervention {
  /// Checks that a model with this number of runs can carry out the intervention.
  ///
  /// - Throws: `ModelError.batch`, which names the patch that is impossible.
  func check(for configuration: ModelConfiguration, runs: Int) throws {
    guard (0..<runs).contains(run) else { throw ModelError.batch("there is no run \(run) among \(runs)") }
    for patch in patches {
      try patch.site.check(configuration)
      try patch.value.check(at: patch.site, configuration, runs: runs)
      guard let writer = patch.value.writer else { continue }
      try check(writer, before: patch.site, configuration)
    }
    // Differences of several sites add up. Any other patch must be the only one at its site.
    var places = Set<[Site]>()
    for patch in patches where patch.value.writer != nil {
      guard places.insert([patch.site, patch.value.writer ?? patch.site]).inserted else {
        throw ModelError.batch("two differences of one site at \(patch.site.name)")
      }
    }
    var sites = Set(patches.filter { $0.value.writer != nil }.map(\.site))
    if let twice = patches.first(where: { $0.value.writer == nil && !sites.insert($0.site).inserted }) {
      throw ModelError.batch("two patches at \(twice.site.name)")
    }
  }

  private func check(_ writer: Site, before site: Site, _ configuration: ModelConfiguration) throws {
    try writer.check(configuration)
    switch site {
    case .input, .residual: break
    case .output, .projectedColumns:
      throw ModelError.batch("\(site.name) is no place to add a difference to: use an input or the stream")
    }
    switch writer {
    case .output, .residual: break
    case .input, .projectedColumns:
      throw ModelError.batch("\(writer.name) does not write to the stream, so it has no difference there")
    }
    guard writer.precedes(site, in: configuration) else {
      throw ModelError.batch("\(writer.name) comes after \(site.name) and cannot reach it")
    }
  }
}

extension Site {
  fileprivate func check(_ configuration: ModelConfiguration) throws {
    guard exists(in: configuration) else {
      throw ModelError.batch("an intervention at \(name), which the model does not have")
    }
  }
}

extension Patch.Value {
  fileprivate func check(at site: Site, _ configuration: ModelConfiguration, runs: Int) throws {
    switch self {
    case .zero: break
    case .constant(let vector):
      let width = site.width(of: configuration)
      guard vector.count == width else {
        throw ModelError.batch("\(vector.count) values for \(site.name), which has \(width)")
      }
    case .run(let run):
      guard (0..<runs).contains(run) else {
        throw ModelError.batch("\(site.name) cannot come from run \(run) of \(runs)")
      }
    case .difference(let writer, let from, let to):
      guard from.writer == nil, to.writer == nil else {
        throw ModelError.batch("a difference of differences of \(writer.name)")
      }
      if case .output(.head) = writer, configuration.architecture.normalisesBranches, from.runs.isEmpty {
        throw ModelError.batch(
          "a difference of \(writer.name) must start from a run, because a norm reads it together with other heads"
        )
      }
      try from.check(at: writer, configuration, runs: runs)
      try to.check(at: writer, configuration, runs: runs)
    }
  }
}
