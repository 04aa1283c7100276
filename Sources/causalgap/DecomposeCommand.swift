import ArgumentParser
import Foundation
import Records
import Report

struct DecomposeCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "decompose",
    abstract: "From the published rho to the rigorous one, step by step, from a study folder's records.",
    discussion: examples(
      "causalgap decompose results/rigorous"))

  @Argument(help: "The study's folder.") var folder: String
  @Flag(help: "Print as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let folder = StudyFolder(try path(folder, "the study's folder"))
    let tasks = try TaskDecomposition.all(folder.readRigorousRecords())
    guard !tasks.isEmpty else {
      throw RecordError.folder(
        path: folder.url.path, reason: "it holds no record of the rigorous protocol, which decompose needs")
    }
    if json { return try printJSON(tasks) }
    print(tasks.map { decompositionTable($0.task, $0.decomposition) }.text, terminator: "")
  }
}
