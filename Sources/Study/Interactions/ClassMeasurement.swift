import Errors
import Importance
import Records
import Transformer

/// What all heroes cost together, and all bloats, by mean ablation, for the classes that more than one gradient score makes.
///
/// The classes are those of a rigorous record's own effects. Here they are measured on other samples, so that a component that is a bloat because its
/// effect happened to be measured small is not small for the same reason.
struct ClassMeasurement {
  /// The norm of the gradient, and the norm divided by √N, the two scores of the paper's versions.
  static let scores = [GradientScore.frobenius, .rms]

  let record: RunRecord.Rigorous
  let components: [Component]

  /// The components of one class by one score; at least one.
  struct Members {
    let score: GradientScore
    let name: String
    let components: [Component]
  }

  /// - Throws: `StudyError.impossible` for a record without a score or effect, `StatisticsError` for one whose values are not numbers.
  func members() throws -> [Members] {
    let effects = try values(
      "mean ablation on exact match",
      record.causal.first {
        $0.method == InterventionMethod.mean.rawValue && $0.effect == Effect.exactMatch.rawValue
      }?.values)
    return try Self.scores.flatMap { score in
      let gradient = try values(
        "score \(score.rawValue)",
        record.gradients.first {
          $0.score == score.rawValue && $0.distribution == RecordNames.Distribution.ood
        }?.values)
      return try RankComparison(gradient: gradient, causal: effects, threshold: .rigorous(components)).sets
        .map { set in
          Members(score: score, name: set.name, components: set.places.map { components[$0] })
        }
    }
  }

  private func values(_ name: String, _ values: [Double]?) throws -> [Double] {
    guard let values, values.count == components.count else {
      throw StudyError.impossible(
        "the rigorous record has no \(name) of \(components.count) components, by which heroes and bloats are told"
      )
    }
    return values
  }

  /// - Parameter evaluation: over samples that no class was chosen on.
  /// - Throws: `StudyError.interrupted`, or what the device throws.
  func measure(_ evaluation: ChunkedEffects) throws -> InteractionRecord.Classes {
    let members = try members()
    let effects = try members.isEmpty ? nil : jointEffects(members.map(\.components), evaluation)
    return InteractionRecord.Classes(
      samples: evaluation.evaluation.samples.count,
      scores: Self.scores.map { score in
        InteractionRecord.ScoreClasses(
          score: score.rawValue,
          sets: members.indices.filter { members[$0].score == score }.flatMap {
            effects?.records(ofSet: $0, named: members[$0].name) ?? []
          })
      })
  }

  private func jointEffects(_ sets: [[Component]], _ evaluation: ChunkedEffects) throws -> JointEffects {
    let members = Set(sets.joined())
    let singles = components.filter(members.contains).map { [$0] }
    guard let found = try evaluation.effects(of: singles + sets, [.mean])[.mean] else {
      throw InternalError("mean ablations were asked for and not measured")
    }
    return try JointEffects(
      singles: found.of(0..<singles.count), joint: found.of(singles.count..<found.sets.count))
  }
}

extension SetEffects {
  /// The effects of some of the sets.
  fileprivate func of(_ range: Range<Int>) -> SetEffects {
    SetEffects(method: method, sets: Array(sets[range]), base: base, effects: Array(effects[range]))
  }
}
