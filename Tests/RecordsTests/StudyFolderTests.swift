import Foundation
import TestSupport
import Testing

@testable import Records

@Suite("The study folder")
struct StudyFolderTests {
  @Test("paths are those of the plan")
  func paths() {
    let folder = StudyFolder(URL(fileURLWithPath: "/study", isDirectory: true))
    #expect(folder.record(task: "sort", seed: 42).path == "/study/runs/sort/seed-42/run.json")
    #expect(
      folder.checkpoint(task: "reverse", seed: 7).path == "/study/runs/reverse/seed-7/model.safetensors")
    #expect(folder.summary.path == "/study/summary.json")
    #expect(folder.tables.path == "/study/tables")
    #expect(folder.figures.path == "/study/figures")
  }

  @Test("records come back by task and seed; a run that has not ended has none")
  func records() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      #expect(try folder.readRecords().isEmpty)
      for (task, seed) in [("sort", 1010), ("sort", 42), ("reverse", 123)] {
        try StudyFolder.create(folder.run(task: task, seed: seed))
        var record = Examples.record
        (record.task, record.seed) = (task, seed)
        try record.write(to: folder.record(task: task, seed: seed))
      }
      try StudyFolder.create(folder.run(task: "sort", seed: 456))
      #expect(
        try folder.readRecords().map { "\($0.task) \($0.seed)" } == ["reverse 123", "sort 42", "sort 1010"])
      #expect(try folder.readRecord(task: "sort", seed: 456) == nil)
      #expect(try folder.readRecord(task: "sort", seed: 42)?.seed == 42)
    }
  }

  @Test("a file in the folder's place, or above it, is an error of one line")
  func isFile() throws {
    try withFolder { url in
      let file = url.appendingPathComponent("file")
      try Data().write(to: file)
      #expect(throws: RecordError.folder(path: file.path, reason: "it is a file")) {
        try StudyFolder(file).create()
      }
      let below = file.appendingPathComponent("study")
      let error = #expect(throws: RecordError.self) { try StudyFolder(below).create() }
      #expect(error?.description.contains(below.path) == true)
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test("a folder that can't be written to is an error", .disabled(if: getuid() == 0, "root writes anywhere"))
  func notWritable() throws {
    try withFolder { url in
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: url.path)
      #expect(throws: RecordError.folder(path: url.path, reason: "it is not writable")) {
        try StudyFolder(url).create()
      }
      #expect(throws: RecordError.folder(path: url.path + "/new", reason: "permission denied")) {
        try StudyFolder(url.appendingPathComponent("new")).create()
      }
    }
  }

  @Test("a folder under one that takes no folders, even from root, is an error")
  func systemFolder() {
    let error = #expect(throws: RecordError.self) {
      try StudyFolder(URL(fileURLWithPath: "/proc/causalgap/study")).create()
    }
    #expect(error?.description.hasPrefix("can't use the folder /proc/causalgap/study: ") == true)
  }
}
