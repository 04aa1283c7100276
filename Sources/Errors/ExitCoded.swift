/// How the program ends. The numbers are the exit codes that a shell sees.
package enum ProgramExit: Int32, Sendable {
  case done = 0
  case failed = 1
  /// The request made no sense, and nothing was done.
  case usage = 2
  /// Stopped on request; the same command continues.
  case interrupted = 130
}

/// An error that decides how the program ends. An error that does not conform ends it with `failed`.
package protocol ExitCoded: Error {
  var exitCode: ProgramExit { get }
}
