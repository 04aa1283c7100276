/// How the components of one trained model act together: the content of `interactions.json`, beside the run's rigorous record.
///
/// ```swift
/// let record = try folder.readInteractions(task: "sort", seed: 42)
/// record?.games.first?.players          // ["L0_MLP", "L1_H3", …]
/// ```
package struct InteractionRecord: Codable, Sendable, Equatable {
  /// The schema that this version writes and reads.
  package static let currentSchema = 1

  package var schema: Int
  package var task: String
  package var seed: Int
  package var device: RunRecord.Device
  package var versions: [String: String]
  /// The number of integers in every sample.
  package var length: Int
  package var samples: Int
  package var games: [Game]
  package var interpolation: Interpolation
  /// What heroes and bloats do together; nil in records of earlier versions.
  package var classes: Classes?
  /// The time that the measurement took.
  package var seconds: Double

  package init(
    task: String, seed: Int, device: RunRecord.Device, versions: [String: String], length: Int, samples: Int,
    games: [Game], interpolation: Interpolation, classes: Classes? = nil, seconds: Double
  ) {
    schema = Self.currentSchema
    self.task = task
    self.seed = seed
    self.device = device
    self.versions = versions
    self.length = length
    self.samples = samples
    self.games = games
    self.interpolation = interpolation
    self.classes = classes
    self.seconds = seconds
  }

  /// The names of games.
  package enum GameName {
    /// The components with the largest single effects.
    package static let strongest = "strongest"

    /// The heads of one layer.
    package static func layer(_ layer: Int) -> String { "layer_\(layer)" }
  }

  /// Every coalition of some components.
  package struct Game: Codable, Sendable, Equatable {
    package var name: String
    package var players: [String]
    package var worths: [Worths]

    package init(name: String, players: [String], worths: [Worths]) {
      self.name = name
      self.players = players
      self.worths = worths
    }
  }

  /// The worth of each coalition: the effect of replacing its members by their means, on the first half of the samples and on the second.
  package struct Worths: Codable, Sendable, Equatable {
    package var effect: String
    /// [2^players]: coalition c holds player i if bit i of c is set.
    package var first: [Double]
    package var second: [Double]

    package init(effect: String, first: [Double], second: [Double]) {
      self.effect = effect
      self.first = first
      self.second = second
    }
  }

  /// How the growth of a component's effect, once the primary components are gone, depends on how far the component is moved towards its
  /// mean. It is on log-probability.
  package struct Interpolation: Codable, Sendable, Equatable {
    /// The components that are replaced by their means, except the one that is moved.
    package var primary: [String]
    package var components: [String]
    /// The shares of the way, in ascending order; the last is 1.
    package var shares: [Double]
    /// [components][shares]: the effect of the move with the primary components replaced, minus that without.
    package var growth: [[Double]]

    package init(primary: [String], components: [String], shares: [Double], growth: [[Double]]) {
      self.primary = primary
      self.components = components
      self.shares = shares
      self.growth = growth
    }
  }

  /// The joint effects of heroes and of bloats, by mean ablation, on samples other than those that the classes are from.
  package struct Classes: Codable, Sendable, Equatable {
    /// Pairs of sequences.
    package var samples: Int
    package var scores: [ScoreClasses]

    package init(samples: Int, scores: [ScoreClasses]) {
      (self.samples, self.scores) = (samples, scores)
    }
  }

  /// The classes that one gradient score makes.
  package struct ScoreClasses: Codable, Sendable, Equatable {
    /// `frobenius`, or `rms`.
    package var score: String
    /// The effects of `all_heroes` and `all_bloats`; a set without components is left out.
    package var sets: [RunRecord.JointEffect]

    package init(score: String, sets: [RunRecord.JointEffect]) {
      (self.score, self.sets) = (score, sets)
    }
  }
}
