import Errors

/// What can keep a sweep from being planned or run. Each message is one line that says what to do.
package enum SweepError: ExitCoded, CustomStringConvertible {
  /// The request makes no sense.
  case impossible(String)
  /// The folder's plan and the new one contradict each other.
  case conflict(folder: String, detail: String)
  /// A file of the sweep is not what this program wrote.
  case damaged(file: String, detail: String)
  /// The folder has no plan.
  case noPlan(folder: String)
  /// Some runs have no record, and nobody works on them.
  case incomplete(String)
  /// The disk is nearly full.
  case noSpace(folder: String, free: Int, needed: Int, keepsNothing: Bool)
  /// The sweep was asked to stop. Finished work is kept.
  case interrupted
  /// Records that can't be summarised together.
  case mixed(String)

  package var exitCode: ProgramExit {
    switch self {
    case .impossible, .conflict: .usage
    case .interrupted: .interrupted
    case .damaged, .noPlan, .incomplete, .noSpace, .mixed: .failed
    }
  }

  package var description: String { message.singleLine }

  private var message: String {
    switch self {
    case .impossible(let reason): reason
    case .conflict(let folder, let detail):
      "\(folder) holds another plan: \(detail); a plan can be extended but not changed: name the old values too, "
        + "or choose another --output"
    case .damaged(let file, let detail): "\(file) is damaged: \(detail)"
    case .noPlan(let folder):
      "\(folder) holds no plan.json; make one with: causalgap sweep plan … --output \(folder)"
    case .incomplete(let detail): detail
    case .noSpace(let folder, let free, let needed, let keepsNothing):
      "the disk of \(folder) has \(free >> 20) MiB left, and the next runs may need \((needed >> 20) + 1) MiB: free "
        + "some space" + (keepsNothing ? "" : ", or leave less on the disk with --keep none")
        + "; the same command continues"
    case .interrupted: "interrupted; the same command continues"
    case .mixed(let detail): detail
    }
  }
}
