/// The parts of an analysis, one after the other: a stop is heeded before each, each is told of and timed.
struct Phases {
  let supervisor: Supervisor
  private var timings = Timings()

  init(_ supervisor: Supervisor) { self.supervisor = supervisor }

  /// By phase
  var seconds: [String: Double] { timings.seconds }

  /// - Throws: `StudyError.interrupted` where a stop was asked for, or what `body` throws.
  mutating func run<T>(_ name: String, _ body: () throws -> T) throws -> T {
    try supervisor.checkStop()
    supervisor.report(.phase(name))
    return try timings.measure(name, body)
  }
}
