import ArgumentParser

/// How much of a report is printed.
struct ReportDetail: ParsableArguments {
  @Flag(help: "Print verdicts and rhos on one screen; this is the default.") var brief = false
  @Flag(help: "Print all tables as well.") var full = false
}
