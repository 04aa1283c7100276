import Foundation
import TestSupport
import Testing

@testable import Records

@Suite("The study folder")
struct StudyFolderTests {
  @Test("paths are the documented ones")
  func paths() {
    let folder = StudyFolder(URL(fileURLWithPath: "/study", isDirectory: true))
    #expect(folder.record(task: "sort", seed: 42).path == "/study/runs/sort/seed-42/run.json")
    #expect(
      folder.checkpoint(task: "reverse", seed: 7).path == "/study/runs/reverse/seed-7/model.safetensors")
    #expect(folder.summary.path == "/study/summary.json")
    #expect(folder.tables.path == "/study/tables")
    #expect(folder.figures.path == "/study/figures")
  }

  @Test("records are read by task and seed; an unfinished run has none")
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

  @Test("a file in the place of the folder, or of its parent, is an error of one line")
  func isFile() throws {
    try withFolder { url in
      let file = url.appendingPathComponent("file")
      try Data().write(to: file)
      #expect(throws: RecordError.folder(path: file.path, reason: "it is a file, not a folder")) {
        try StudyFolder(file).create()
      }
      let below = file.appendingPathComponent("study")
      let error = #expect(throws: RecordError.self) { try StudyFolder(below).create() }
      #expect(error?.description.contains(below.path) == true)
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test("a folder that is not writable is an error", .disabled(if: getuid() == 0, "root writes anywhere"))
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

  @Test("a folder inside one that accepts no folders, even from root, is an error")
  func systemFolder() {
    let error = #expect(throws: RecordError.self) {
      try StudyFolder(URL(fileURLWithPath: "/proc/causalgap/study")).create()
    }
    #expect(error?.description.hasPrefix("can't use the folder /proc/causalgap/study: ") == true)
  }

  @Test("runs behind symbolic links, of one seed or a whole task, count as runs")
  func links() throws {
    try withFolder { url in
      let folder = StudyFolder(url.appendingPathComponent("study"))
      let manager = FileManager.default
      for (task, seed) in [("copy", 1), ("copy", 2), ("sort", 3)] {
        try StudyFolder.create(folder.run(task: task, seed: seed))
        var record = Examples.record
        (record.task, record.seed) = (task, seed)
        try record.write(to: folder.record(task: task, seed: seed))
      }
      func moveAndLink(_ place: URL, _ name: String) throws {
        let target = url.appendingPathComponent(name)
        try manager.moveItem(at: place, to: target)
        try manager.createSymbolicLink(atPath: place.path, withDestinationPath: target.path)
      }
      try moveAndLink(folder.run(task: "copy", seed: 2), "elsewhere")
      try moveAndLink(folder.runs.appendingPathComponent("sort"), "task")
      try moveAndLink(folder.record(task: "copy", seed: 1), "record")
      #expect(try folder.readRecords().map(\.seed) == [1, 2, 3])
      #expect(try folder.readRecord(task: "copy", seed: 2)?.seed == 2)
      try moveAndLink(folder.runs, "runs")
      #expect(try folder.readRecords().map(\.seed) == [1, 2, 3])
    }
  }

  @Test("a run or record that cannot be examined gives an error that names it, and is not left out")
  func unreachable() throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      try StudyFolder.create(folder.run(task: "sort", seed: 1))
      var record = Examples.record
      (record.task, record.seed) = ("sort", 1)
      try record.write(to: folder.record(task: "sort", seed: 1))
      let manager = FileManager.default
      func expectNamed(_ place: URL, _ destination: String) throws {
        try manager.createSymbolicLink(atPath: place.path, withDestinationPath: destination)
        let error = #expect(throws: RecordError.self) { _ = try folder.readRecords() }
        #expect(error?.description.contains(place.path) == true)
        try manager.removeItem(at: place)
      }
      // A disk that is not mounted, or a link to itself, at every level of a run's path.
      let run = folder.runs.appendingPathComponent("sort/seed-2")
      try expectNamed(run, "/nowhere/seed-2")
      try expectNamed(run, "seed-2")
      try expectNamed(folder.runs.appendingPathComponent("copy"), "/nowhere")
      try manager.createDirectory(at: run, withIntermediateDirectories: false)
      try expectNamed(run.appendingPathComponent("run.json"), "run.json")
      try expectNamed(run.appendingPathComponent("run.json"), "/nowhere/run.json")
      let error = #expect(throws: RecordError.self) {
        try manager.createDirectory(
          at: run.appendingPathComponent("run.json"), withIntermediateDirectories: false)
        _ = try folder.readRecords()
      }
      #expect(error?.description.contains("seed-2/run.json") == true)
    }
  }

  @Test("checking whether a folder exists does not create it, and names a file in its place")
  func exists() throws {
    try withFolder { url in
      try Data().write(to: url.appendingPathComponent("file"))
      #expect(try StudyFolder.exists(url))
      #expect(try !StudyFolder.exists(url.appendingPathComponent("new/deep")))
      for name in ["file", "file/below", "file/below/deep"] {
        let place = url.appendingPathComponent(name)
        let error = #expect(throws: RecordError.self) { _ = try StudyFolder.exists(place) }
        #expect(error?.description.contains("is a file, not a folder") == true)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: url.path) == ["file"])
    }
  }
}
