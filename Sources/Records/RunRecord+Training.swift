extension RunRecord {
  /// How the model was trained.
  package struct Training: Codable, Sendable, Equatable {
    package var steps: Int
    /// Whether the accuracy on the training lengths reached the protocol's goal, or the held-out loss stopped falling.
    package var converged: Bool
    package var accuracies: [Accuracy]
    /// The mean loss over the target tokens of the last batch; `nil` if no step was taken.
    @Nullable package var finalLoss: Double?
    package var seconds: Double
    /// The gradient norms at some steps, each on the step's own batch; absent if they were not recorded.
    package var gradientNorms: [GradientNorms]?

    package init(
      steps: Int, converged: Bool, accuracies: [Accuracy], finalLoss: Double?, seconds: Double,
      gradientNorms: [GradientNorms]? = nil
    ) {
      self.steps = steps
      self.converged = converged
      self.accuracies = accuracies
      self.finalLoss = finalLoss
      self.seconds = seconds
      self.gradientNorms = gradientNorms
    }

    private enum CodingKeys: String, CodingKey {
      case steps, converged, accuracies
      case finalLoss = "final_loss"
      case seconds
      case gradientNorms = "gradient_norms"
    }

    /// The gradient magnitude of every component at one step.
    package struct GradientNorms: Codable, Sendable, Equatable {
      package var step: Int
      /// In the order of the record's components.
      package var values: [Double]

      package init(step: Int, values: [Double]) {
        self.step = step
        self.values = values
      }
    }

    /// What was measured after a number of steps.
    package struct Accuracy: Codable, Sendable, Equatable {
      package var step: Int
      /// The exact-match accuracy on the training lengths; if the model is trained on data, the share of held-out targets that are
      /// predicted.
      package var accuracy: Double
      /// The mean loss over the held-out targets; absent if the model is trained on a task.
      package var heldOutLoss: Double?

      package init(step: Int, accuracy: Double, heldOutLoss: Double? = nil) {
        self.step = step
        self.accuracy = accuracy
        self.heldOutLoss = heldOutLoss
      }

      private enum CodingKeys: String, CodingKey {
        case step, accuracy
        case heldOutLoss = "held_out_loss"
      }
    }
  }
}
