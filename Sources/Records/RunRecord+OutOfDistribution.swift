extension RunRecord {
  /// The length, beyond those of training, at which the model was scored.
  package struct OutOfDistribution: Codable, Sendable, Equatable {
    package var length: Int
    package var accuracy: Double
    /// Whether the accuracy lies in the paper's window; a run outside is kept out of the paper's tables.
    package var inWindow: Bool
    /// Every length measured in the search, in order.
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
