import Errors

/// An option that was given a value it does not take. The text names the flag, or the line and key of the file.
package struct OptionError: ExitCoded, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }

  package var exitCode: ProgramExit { .usage }
}
