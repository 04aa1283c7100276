/// A score of components from gradients. Scores use the z of heads before the output projection, the outputs
/// of MLPs before the residual addition, or the weights that produce them: a head's columns of the value
/// projection, and an MLP's second matrix.
///
/// Scores of weights differentiate the mean loss over a batch's target tokens; the others differentiate the
/// metric of each sample.
package enum GradientScore: String, CaseIterable, Codable, Sendable {
  /// Per batch: the Frobenius norm of the weight's gradient, ‖G‖ (the published score).
  case frobenius
  /// Per batch: ‖G‖/√(number of parameters), which makes matrices of different sizes comparable (the paper's
  /// second version).
  case rms
  /// Per batch: Σ weight·gradient, signed. It is minus the first-order change of the loss if the weight were
  /// set to zero. The score takes its absolute value batch by batch. (Molchanov et al. 2019, "Importance
  /// estimation for neural network pruning": this is the square root of their joint importance of a group of
  /// weights.)
  case taylor
  /// Per batch: Σ |weight·gradient|, in which nothing cancels.
  case taylorAbsolute = "taylor_absolute"
  /// Per sample: the squared norm of the gradient of the sample's own mean loss. Its mean over samples is the
  /// trace of the empirical Fisher information of the weight.
  case fisher
  /// Per sample: (replacement − activation)·gradient summed over rows and coordinates, signed. It is the
  /// first-order change of the metric (Nanda 2023; Syed et al. 2023).
  case attributionPatching = "attribution_patching"
  /// Per sample: the same with the gradient averaged over the straight line from activation to replacement,
  /// signed. Up to the error of the quadrature it is the true change of the metric (Sundararajan et al. 2017,
  /// applied to the component's own output).
  case integratedGradients = "integrated_gradients"
  /// Per sample: attribution patching with the softmax of a head recomputed, signed; see
  /// `AttentionAttribution`. For an MLP it equals plain attribution patching (AtP*, arXiv:2403.00745, section
  /// 3.1).
  case atpQKFix = "atp_qk_fix"
  /// Per sample: the mean over layers of |attribution patching| with the outputs of one layer held constant
  /// in the backward, so that direct and indirect effects cannot always cancel; never negative. The
  /// component's own layer gives zero, so the sum is divided by layers − 1 (AtP*, section 3.2).
  case gradDrop = "grad_drop"
  /// Per sample: attribution patching with what relevance propagation passes in place of gradients, signed (RelP,
  /// arXiv:2508.21258): the scale of a norm and the pattern of attention are constants, and an activation is
  /// multiplication by f(x)/x; each factor of a gated MLP gets half.
  case relevancePatching = "relp"

  /// The data of a pass that a score reads.
  package enum Reading: Sendable {
    /// Weights and their gradients.
    case weights
    /// The outputs of components, and the gradients of the metric there.
    case outputs
    /// The data of `outputs` together with queries, keys and values.
    case attention
  }

  package var reading: Reading {
    switch self {
    case .frobenius, .rms, .taylor, .taylorAbsolute, .fisher: .weights
    case .attributionPatching, .integratedGradients, .gradDrop, .relevancePatching: .outputs
    case .atpQKFix: .attention
    }
  }

  /// The unit of data that one value of a score belongs to.
  package enum Unit: String, Codable, Sendable { case batch, sample }

  package var unit: Unit {
    switch self {
    case .frobenius, .rms, .taylor, .taylorAbsolute: .batch
    default: .sample
    }
  }

  /// Whether the value of a unit can be negative.
  package var isSigned: Bool {
    switch self {
    case .taylor, .attributionPatching, .integratedGradients, .atpQKFix, .relevancePatching: true
    default: false
    }
  }

  /// How the values of units become one score by default.
  ///
  /// Signed attributions are averaged before the absolute value is taken. They estimate the effect of an
  /// ablation, which is a difference of means over samples; taking absolute values first would count their
  /// noise as importance. The sources of `taylor` and `grad_drop` take absolute values first.
  package var aggregation: Aggregation {
    switch self {
    case .attributionPatching, .integratedGradients, .atpQKFix, .relevancePatching: .absoluteMean
    case .taylor: .meanAbsolute
    default: .mean
    }
  }

  /// How the values of units become one number.
  package enum Aggregation: String, CaseIterable, Codable, Sendable {
    case mean
    /// |mean|
    case absoluteMean = "absolute_mean"
    /// The mean of absolute values.
    case meanAbsolute = "mean_absolute"

    /// What is summed of a value.
    package func term(_ value: Double) -> Double { self == .meanAbsolute ? abs(value) : value }

    /// The score, from the mean of the values' terms.
    package func score(ofMean mean: Double) -> Double { self == .absoluteMean ? abs(mean) : mean }

    /// Aggregates the values; 0 without values.
    package func callAsFunction(_ values: some Collection<Double>) -> Double {
      score(ofMean: values.reduce(0) { $0 + term($1) } / Double(max(values.count, 1)))
    }
  }
}

/// What attributions estimate changes of: a number for each sample that is larger if the model is more right.
package enum GradientMetric: String, CaseIterable, Codable, Sendable {
  /// The mean over a sample's target positions of log p(target), which is minus its loss.
  case targetLogProbability = "target_log_probability"
  /// The mean of logit(target) − logit(partner's target) over the target positions at which the sample and
  /// its corrupted partner differ; 0 if there are none.
  case logitDifference = "logit_difference"
}
