import Records

/// The steps from the published rho to the rigorous one, over the seeds of one task.
package struct Decomposition: Codable, Sendable, Equatable {
  package var steps: [Step]
  /// The change from the first step to the last.
  @Nullable package var total: Change?

  init(_ runs: [RigorousRun], _ draws: ReportDraws) {
    let names = firstSeen(runs.flatMap(\.rigorous.decomposition).map(\.step))
    let values = names.map { name in
      SeedValues(runs) { run in
        let step = run.rigorous.decomposition.first { $0.step == name }
        return (step?.rho, step?.reason)
      }
    }
    steps = names.indices.map { place in
      Step(
        step: names[place],
        rho: values[place].mean(
          bounds: names[place] == Self.correction ? SeedMean.unbounded : SeedMean.correlation, draws),
        change: place > 0
          ? Change(
            values[place].differences(values[place - 1]), isCorrection: names[place] == Self.correction, draws
          )
          : nil,
        missing: values[place].missing)
    }
    total =
      values.count > 1 ? values.last.map { Change($0.differences(values[0]), draws) } : nil
  }

  /// The step after which rhos may exceed 1.
  static let correction = RecordNames.Step.correctAttenuation.rawValue
  static let published = RecordNames.Step.published.rawValue

  /// One step and the rhos after it.
  package struct Step: Codable, Sendable, Equatable {
    package var step: String
    package var rho: SeedMean
    /// The change from the previous step; `nil` for the first step.
    @Nullable package var change: Change?
    /// The seeds without a rho at this step.
    package var missing: [MissingSeed]
  }

  /// A change of rho, paired over the seeds that have both rhos.
  package struct Change: Codable, Sendable, Equatable {
    package var mean: SeedMean
    /// The two-sided sign-flip test. The correction for attenuation is not tested, because it raises every
    /// positive rho by construction.
    package var test: TestSummary

    init(_ differences: [Double], isCorrection: Bool = false, _ draws: ReportDraws) {
      mean = SeedMean(differences, draws)
      test = TestSummary(signFlip: differences, draws)
      if isCorrection {
        test.pValue = nil
        test.isSignificant = nil
        test.reason = "a correction raises a rho above 0 by construction"
      }
    }
  }
}

/// What `causalgap decompose` prints: the decomposition of each task that has rigorous records.
package struct TaskDecomposition: Codable, Sendable, Equatable {
  package var task: String
  package var seeds: [Int]
  package var decomposition: Decomposition

  /// - Returns: one per task, in the order of the summary; empty without rigorous records.
  /// - Throws: as `Summary`.
  package static func all(_ records: [RunRecord], draws: ReportDraws = .init()) throws -> [TaskDecomposition]
  {
    try Summary.byTask(records).compactMap { task, records in
      let runs = records.compactMap(RigorousRun.init)
      guard !runs.isEmpty else { return nil }
      return TaskDecomposition(
        task: task, seeds: runs.map(\.seed), decomposition: Decomposition(runs, draws))
    }
  }
}
