import Compute

extension Hooks {
  /// Hooks that apply an intervention to each lane of a batch.
  ///
  /// - Parameter interventions: one for each lane, with only zeros and constants, at outputs. A batch has no
  ///   other runs, and a hook does not see single inputs.
  /// - Throws: `ModelError.batch` for interventions that need a forked forward, or that are impossible in this
  ///   model.
  package static func applying(_ interventions: [Intervention], to transformer: Transformer) throws -> Hooks {
    let (configuration, device) = (transformer.configuration, transformer.device)
    for intervention in interventions {
      try intervention.check(for: configuration, runs: 1)
      if let patch = intervention.patches.first(where: { !$0.isOverwritten }) {
        throw ModelError.batch("\(patch.site.name) needs a forked forward, which has other runs and inputs")
      }
    }
    let constants = try ConstantVectors(interventions, on: device)
    return Hooks(points: Set(interventions.flatMap { $0.patches.map(\.site.hook) })) { point, matrix, rows in
      let blocks = blocks(of: interventions, at: point, rows, configuration) { patch, rows, columns in
        constants.replacement(patch.value, rows: rows, columns: columns)
      }
      try device.replaceRows(ReplaceRows(target: matrix, source: constants.buffer, replacements: blocks))
    }
  }

  /// Hooks for the backward: what an intervention wrote is a constant, so no gradient reaches what it
  /// replaced.
  ///
  /// - Parameter interventions: one for each lane.
  package static func blockingGradients(
    _ interventions: [Intervention], in transformer: Transformer
  ) throws -> Hooks {
    let (configuration, device) = (transformer.configuration, transformer.device)
    let source = try device.makeBuffer(count: 1)
    return Hooks(points: Set(interventions.flatMap { $0.patches.map(\.site.hook) })) { point, matrix, rows in
      let blocks = blocks(of: interventions, at: point, rows, configuration) { _, rows, columns in
        Replacement(rows: rows, columns: columns, sourceOffset: nil)
      }
      try device.replaceRows(ReplaceRows(target: matrix, source: source, replacements: blocks))
    }
  }
}

extension Patch {
  /// Whether the patch overwrites an output without needing a run.
  fileprivate var isOverwritten: Bool {
    switch (site, value) {
    case (.output, .zero), (.output, .constant), (.projectedColumns, .zero), (.projectedColumns, .constant):
      true
    default: false
    }
  }
}

/// The blocks to overwrite at a hook, for each lane and patch.
private func blocks(
  of interventions: [Intervention], at point: HookPoint, _ rows: RowGroups,
  _ configuration: ModelConfiguration, _ block: (Patch, Range<Int>, Range<Int>) -> Replacement?
) -> [Replacement] {
  zip(interventions, rows.groups).flatMap { intervention, group in
    intervention.patches.filter { $0.site.hook == point }.compactMap { patch in
      block(
        patch, group.firstRow..<group.firstRow + group.count, patch.site.columns(of: configuration))
    }
  }
}
