/// How the program ends. The numbers are the exit codes that a shell sees.
package enum ProgramExit: Int32, Sendable {
  case done = 0
  case failed = 1
  /// The request is invalid, and nothing was done.
  case usage = 2
  /// The program was stopped on request. The same command continues the work.
  case interrupted = 130
}

/// An error that decides how the program ends. An error that does not conform ends it with `failed`.
package protocol ExitCoded: Error {
  var exitCode: ProgramExit { get }
}
