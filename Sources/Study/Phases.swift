/// Runs the phases of an analysis in order: it checks for a stop before each, reports it and times it.
struct Phases {
  let supervisor: Supervisor
  private var timings = Timings()

  init(_ supervisor: Supervisor) { self.supervisor = supervisor }

  /// Seconds by phase.
  var seconds: [String: Double] { timings.seconds }

  /// - Throws: `StudyError.interrupted` if a stop was requested, or what `body` throws.
  mutating func run<T>(_ name: String, _ body: () throws -> T) throws -> T {
    try supervisor.checkStop()
    supervisor.report(.phase(name))
    return try timings.measure(name, body)
  }
}
