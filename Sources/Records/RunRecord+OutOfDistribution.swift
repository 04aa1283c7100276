extension RunRecord {
  /// The length, beyond the training lengths, at which the model was scored.
  package struct OutOfDistribution: Codable, Sendable, Equatable {
    package var length: Int
    package var accuracy: Double
    /// Whether the accuracy lies in the paper's window. Runs outside are excluded from the paper's tables.
    package var inWindow: Bool
    /// All lengths measured in the search, in order.
    package var searched: [Searched]

    package init(length: Int, accuracy: Double, inWindow: Bool, searched: [Searched]) {
      self.length = length
      self.accuracy = accuracy
      self.inWindow = inWindow
      self.searched = searched
    }

    private enum CodingKeys: String, CodingKey {
      case length, accuracy
      case inWindow = "in_window"
      case searched
    }

    /// The accuracy at one length.
    package struct Searched: Codable, Sendable, Equatable {
      package var length: Int
      package var accuracy: Double

      package init(length: Int, accuracy: Double) {
        self.length = length
        self.accuracy = accuracy
      }
    }
  }
}
