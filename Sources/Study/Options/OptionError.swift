import Errors

/// An option has a value that it does not accept. The message names the flag, or the line and key of the
/// file.
package struct OptionError: ExitCoded, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description.singleLine }

  package var exitCode: ProgramExit { .usage }
}
