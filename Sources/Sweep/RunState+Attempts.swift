extension RunState {
  /// Whether a worker takes the run without being asked to.
  var canBeTried: Bool {
    switch phase {
    case .running, .interrupted: true
    case .lost: losses < Self.mostLosses
    case .failed: false
    }
  }
}
