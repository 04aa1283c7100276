import Transformer

/// What a replacement puts in the place of recorded activations.
enum ReplacementValues {
  case constants(ComponentMeans, ProjectionMeans?)
  case zero
  /// The corrupted partners' activations, rows as the clean ones lie.
  case rows(ActivationRecord)

  /// Replacement − activation, for every row at a point.
  ///
  /// - Throws: `ImportanceError.missingMeans`, `GradientScoreError.notRecorded`.
  func differences(from activations: HostMatrix, at point: HookPoint) throws -> HostMatrix {
    switch self {
    case .rows(let record): return try record[point] - activations
    case .zero: return HostMatrix(values: activations.values.map { -$0 }, width: activations.width)
    case .constants(let means, let projections):
      let mean = try constant(point, means, projections)
      var result = activations
      for i in result.values.indices {
        result.values[i] = mean[i % result.width] - result.values[i]
      }
      return result
    }
  }

  private func constant(_ point: HookPoint, _ means: ComponentMeans, _ projections: ProjectionMeans?) throws
    -> [Double]
  {
    switch point {
    case .z(let layer): return means.z[layer]
    case .mlpOut(let layer): return means.mlp[layer]
    case .query(let layer): if let projections { return projections.query[layer] }
    case .key(let layer): if let projections { return projections.key[layer] }
    case .value(let layer): if let projections { return projections.value[layer] }
    default: break
    }
    throw ImportanceError.missingMeans
  }
}
