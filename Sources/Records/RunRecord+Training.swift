extension RunRecord {
  /// How the model was trained.
  public struct Training: Codable, Sendable, Equatable {
    public var steps: Int
    /// Whether the accuracy on the training lengths reached the protocol's goal.
    public var converged: Bool
    public var accuracies: [Accuracy]
    /// The mean loss over the target tokens of the last batch; `nil` where no step was taken.
    @Nullable public var finalLoss: Double?
    public var seconds: Double
    /// Now and then, on the step's own batch; absent where it was not looked at.
    public var gradientNorms: [GradientNorms]?

    public init(
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

    /// The gradient magnitude of every component in one step.
    public struct GradientNorms: Codable, Sendable, Equatable {
      public var step: Int
      /// In the order of the record's components.
      public var values: [Double]

      public init(step: Int, values: [Double]) {
        self.step = step
        self.values = values
      }
    }

    /// The exact-match accuracy on the training lengths after so many steps.
    public struct Accuracy: Codable, Sendable, Equatable {
      public var step: Int
      public var accuracy: Double

      public init(step: Int, accuracy: Double) {
        self.step = step
        self.accuracy = accuracy
      }
    }
  }
}
