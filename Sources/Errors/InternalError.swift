/// A fault of this program's own logic, which no request and no file can cause.
///
/// It is thrown where other languages would assert: a study that has run for hours keeps what it has.
package struct InternalError: ExitCoded, Equatable, CustomStringConvertible {
  /// What should have been impossible.
  package let reason: String

  package init(_ reason: String) { self.reason = reason }

  package var exitCode: ProgramExit { .failed }

  package var description: String { "a fault in causalgap itself: \(reason); please report it" }
}
