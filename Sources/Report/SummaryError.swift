import Errors

/// Why records cannot be summarised together.
package enum SummaryError: Error, Equatable, CustomStringConvertible {
  /// The records have two protocols or two configurations, so a mean over them has no meaning.
  case mixed(String, first: String, second: String)
  /// Two records have the same task and seed.
  case duplicate(task: String, seed: Int)

  package var description: String { message.singleLine }

  private var message: String {
    switch self {
    case .mixed(let what, let first, let second):
      "the runs \(first) and \(second) differ in their \(what): move them to separate folders and report those together"
    case .duplicate(let task, let seed):
      "there are two records of task \(task), seed \(seed)"
    }
  }
}
