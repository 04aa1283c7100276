import ArgumentParser

/// How much of a report is printed.
enum ReportDetail: String, EnumerableFlag {
  case brief, full

  static func help(for value: ReportDetail) -> ArgumentHelp? {
    switch value {
    case .brief: "Print verdicts and rhos on one screen."
    case .full: "Print all tables first."
    }
  }
}
