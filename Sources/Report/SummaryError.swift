/// Why records can't be summed up together.
package enum SummaryError: Error, Equatable, CustomStringConvertible {
  /// Records of two protocols or two configurations: their numbers have no common mean.
  case mixed(String, first: String, second: String)
  /// Two records of one model.
  case duplicate(task: String, seed: Int)

  package var description: String {
    switch self {
    case .mixed(let what, let first, let second):
      "the runs \(first) and \(second) differ in their \(what): summarise them apart"
    case .duplicate(let task, let seed):
      "there are two records of task \(task), seed \(seed)"
    }
  }
}
