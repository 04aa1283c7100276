import ArgumentParser
import Foundation
import Records

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Tables from the records of a study folder, made again.")

  @Argument(help: "The study's folder.") var folder: String
  @Flag(help: "Print the summary as JSON.") var json = false

  mutating func run() throws {
    let folder = StudyFolder(URL(fileURLWithPath: folder))
    let records = try folder.readRecords()
    guard !records.isEmpty else {
      throw RecordError.folder(path: folder.url.path, reason: "it holds no finished run")
    }
    try printSummary(of: records, in: folder, json: json)
  }
}
