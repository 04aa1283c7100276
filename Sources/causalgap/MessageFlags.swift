import ArgumentParser
import Benchmark
import Foundation
import Study

/// How much a verb says on the error stream besides errors.
struct MessageFlags: ParsableArguments {
  @Flag(help: "Say nothing on the error stream but errors.") var quiet = false
  @Flag(help: "Say more on the error stream: devices, folders, times of phases, memory.") var verbose = false

  /// Makes the flags hold for everything that the program says from now on.
  ///
  /// - Throws: `UsageError` if both are given.
  func apply() throws {
    guard !(quiet && verbose) else {
      throw UsageError("--quiet and --verbose exclude each other; give one of them")
    }
    Console.verbosity = quiet ? .quiet : verbose ? .verbose : .normal
  }
}

/// A command for users; all of them have these flags.
protocol Verb: ParsableCommand {
  var messages: MessageFlags { get }
}

/// Lines of a verb's help that show how it is called.
func examples(_ lines: String...) -> String {
  "EXAMPLES:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
}

extension ParsableCommand {
  /// Runs the command after its flags for messages are in force, and tells those who ask what it took.
  mutating func runWithMessages() throws {
    try (self as? any Verb)?.messages.apply()
    let begin = ContinuousClock.now
    let folder = FileManager.default.currentDirectoryPath
    explain("causalgap \(Version.program), process \(getpid()), in \(folder)")
    try run()
    let memory = peakMemory().map { ", at most \($0 >> 20) MiB of memory" } ?? ""
    explain("took \(secondsText((ContinuousClock.now - begin) / .seconds(1)))\(memory)")
  }
}

/// `0.42 s`
func secondsText(_ seconds: Double) -> String { String(format: "%.2f s", seconds) }
