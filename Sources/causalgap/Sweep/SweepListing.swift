import Errors
import Sweep

/// What `sweep plan` prints: the settings and the number of their runs.
struct SweepListing: Encodable {
  struct Setting: Encodable {
    var name: String
    var tasks: [String]
    var runs: Int
  }

  var runs: Int
  var added: Int
  var settings: [Setting]

  init(_ plan: SweepPlan, added: Int) {
    runs = plan.runCount
    self.added = added
    settings = plan.settings.map { setting in
      Setting(name: setting.name, tasks: setting.runs.keys.sorted(), runs: setting.runCount)
    }
  }

  func text(_ folder: String) -> String {
    let most = 20
    var lines = settings.prefix(most).map {
      "\($0.name): \(counted($0.runs, "run")) of \($0.tasks.joined(separator: ", "))"
    }
    if settings.count > most { lines.append("… and \(counted(settings.count - most, "setting")) more") }
    let change = added == runs ? "" : added == 0 ? ", as before" : ", \(added) of them new"
    lines.append(
      "\(counted(runs, "run")) in \(counted(settings.count, "setting"))\(change); next: causalgap sweep run \(folder)"
    )
    return lines.joined(separator: "\n")
  }
}
