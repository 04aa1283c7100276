/// A score of components from gradients. All are of heads' z before the output projection, MLPs' outputs before the
/// residual addition, or the weights that make them: a head's columns of the value projection, an MLP's second matrix.
///
/// Weight scores differentiate the mean loss over a batch's target tokens; the others the metric of each sample.
package enum GradientScore: String, CaseIterable, Codable, Sendable {
  /// A batch: the Frobenius norm of the weight's gradient, ‖G‖ (the published score).
  case frobenius
  /// A batch: ‖G‖/√(number of parameters), so that matrices of different sizes compare (the paper's second version).
  case rms
  /// A batch: Σ weight·gradient, signed: the first-order change of the loss, negated, were the weight zero. The score takes
  /// its absolute value batch by batch. (Molchanov et al. 2019, "Importance estimation for neural network pruning": the
  /// joint importance of a group of weights, of which this is the root.)
  case taylor
  /// A batch: Σ |weight·gradient|, which nothing cancels in.
  case taylorAbsolute = "taylor_absolute"
  /// A sample: the squared norm of the gradient of the sample's own mean loss: over samples, the trace of the empirical
  /// Fisher information of the weight.
  case fisher
  /// A sample: (replacement − activation)·gradient summed over rows and coordinates, signed: the metric's change to
  /// first order (Nanda 2023; Syed et al. 2023).
  case attributionPatching = "attribution_patching"
  /// A sample: the same with the gradient's mean over the straight line from activation to replacement, signed. It is the
  /// metric's true change, up to the quadrature (Sundararajan et al. 2017, on the component's own output).
  case integratedGradients = "integrated_gradients"
  /// A sample: attribution patching with a head's softmax recomputed, signed; see `attentionAttribution`. An MLP's is
  /// plain attribution patching (AtP*, arXiv:2403.00745, section 3.1).
  case atpQKFix = "atp_qk_fix"
  /// A sample: the mean over layers of |attribution patching| with one layer's outputs held constant on the way back, so that
  /// direct and indirect effects can't always cancel; never negative. The layer of the component itself gives zero, so
  /// the sum is divided by layers − 1 (AtP*, section 3.2).
  case gradDrop = "grad_drop"

  /// What one unit of a score's values is.
  package enum Unit: String, Codable, Sendable { case batch, sample }

  package var unit: Unit {
    switch self {
    case .frobenius, .rms, .taylor, .taylorAbsolute: .batch
    default: .sample
    }
  }

  /// Whether a unit's value can be negative.
  package var isSigned: Bool {
    switch self {
    case .taylor, .attributionPatching, .integratedGradients, .atpQKFix: true
    default: false
    }
  }

  /// How units become a score unless another way is asked for.
  ///
  /// Signed attributions are averaged before the absolute value is taken: they estimate an ablation's effect, which is a
  /// difference of means over samples, and an absolute value inside would count its noise as importance. Taylor's
  /// and GradDrop's sources take it inside.
  package var aggregation: Aggregation {
    switch self {
    case .attributionPatching, .integratedGradients, .atpQKFix: .absoluteMean
    case .taylor: .meanAbsolute
    default: .mean
    }
  }

  /// How values of units become one number.
  package enum Aggregation: String, CaseIterable, Codable, Sendable {
    case mean
    /// |mean|
    case absoluteMean = "absolute_mean"
    /// mean of |·|
    case meanAbsolute = "mean_absolute"

    /// Of no values it is 0.
    package func callAsFunction(_ values: some Collection<Double>) -> Double {
      let count = Double(max(values.count, 1))
      switch self {
      case .mean: return values.reduce(0, +) / count
      case .absoluteMean: return abs(values.reduce(0, +) / count)
      case .meanAbsolute: return values.reduce(0) { $0 + abs($1) } / count
      }
    }
  }
}

/// What attributions are to: a number each sample has, greater where the model is more right.
package enum GradientMetric: String, CaseIterable, Codable, Sendable {
  /// The mean over a sample's target positions of log p(target): minus its loss.
  case targetLogProbability = "target_log_probability"
  /// The mean of logit(target) − logit(partner's target) over the target positions where the sample and its corrupted
  /// partner differ; 0 where they differ nowhere.
  case logitDifference = "logit_difference"
}

/// What attributions put in a component's place.
package enum GradientReplacement {
  /// Its mean; the QK fix also needs those of queries, keys and values.
  case mean(ComponentMeans, projections: ProjectionMeans? = nil)
  case zero
  /// Its activations in the sample's corrupted partner, row by row.
  case corrupted
}
