import Records

extension RunState {
  /// A run that has cost this number of workers is left alone, until it is asked for again.
  static let mostLosses = 3

  /// Whether a worker takes the run without being asked to.
  var canBeTried: Bool {
    switch phase {
    case .running, .interrupted: true
    case .lost: losses < Self.mostLosses
    case .failed: false
    }
  }
}
