/// A fault in this program's own logic, which no request and no file can cause.
///
/// It is thrown instead of a failed assertion, so that a study that has run for hours keeps its results.
package struct InternalError: ExitCoded, Equatable, CustomStringConvertible {
  /// The condition that should be impossible.
  package let reason: String

  package init(_ reason: String) { self.reason = reason }

  package var exitCode: ProgramExit { .failed }

  package var description: String { "a fault in causalgap itself: \(reason); please report it" }
}
