import Foundation
import Records
import TestSupport
import Testing

@Suite("report")
struct ReportCommandTests {
  /// Makes studies of one and of two layers, in folders with these names.
  private func studies(in folder: URL) throws {
    for layers in ["1", "2"] {
      let arguments = Program.oneRun + ["--layers", layers, "--output", "studies/\(layers)"]
      let outcome = try Program.run(arguments, in: folder)
      #expect(outcome.code == 0, "\(outcome.error)")
    }
  }

  @Test("reports for several folders and their comparison are written, and only the comparison is printed")
  func compare() throws {
    try withFolder { folder in
      try studies(in: folder)
      let first = StudyFolder(folder.appendingPathComponent("studies/1"))
      try FileManager.default.removeItem(at: first.summary)
      let text = try Program.run(["report", "studies/2", "studies/1"], in: folder)
      #expect(text.code == 0, "\(text.error)")
      #expect(text.output.hasPrefix("Across studies: studies/2, studies/1\n"))
      #expect(text.output.contains("task  layers  seeds") && !text.output.contains("Table 1"))
      #expect(FileManager.default.fileExists(atPath: first.summary.path))
      let table = try String(
        contentsOf: folder.appendingPathComponent("studies/tables/across.csv"), encoding: .utf8)
      #expect(
        table.split(separator: "\n").map { $0.prefix(17) }.dropFirst() == [
          "studies/1,1,sort,", "studies/2,2,sort,",
        ])

      let json = try Program.run(
        ["report", "studies/1", "studies/2", "--json", "--output", "elsewhere"], in: folder)
      #expect(json.code == 0 && json.output.hasPrefix("{") && json.output.contains("\"settings\" : ["))
      #expect(
        FileManager.default.fileExists(
          atPath: folder.appendingPathComponent("elsewhere/tables/across.csv").path))
    }
  }

  @Test("two parts of one study are compared with a note on how to report them as one, and then can be")
  func parts() throws {
    try withFolder { folder in
      for seeds in ["1", "2"] {
        let study =
          ["study", "--tasks", "sort", "--seeds", seeds] + Program.tiny + ["--output", "part-\(seeds)"]
        #expect(try Program.run(study, in: folder).code == 0)
      }
      let report = ["report", "part-1", "part-2", "--output", "both"]
      let first = try Program.run(report, in: folder)
      let advice = "cp -rn part-2/runs/. part-1/runs/"
      #expect(first.code == 0 && first.error.contains("note: part-1 and part-2 have the same settings"))
      #expect(first.error.contains(advice))
      let copy = Process()
      (copy.executableURL, copy.arguments) = (URL(fileURLWithPath: "/bin/sh"), ["-c", advice])
      copy.currentDirectoryURL = folder
      try copy.run()
      copy.waitUntilExit()
      #expect(try Program.run(["report", "part-1"], in: folder).output.hasPrefix("sorting (2 seeds)"))
      // With a run in common, or another setting, there is nothing to pool.
      #expect(try !Program.run(report, in: folder).error.contains("note: "))
    }
  }

  @Test("folders that cannot be compared are refused in one line, and nothing is written")
  func refusals() throws {
    try withFolder { folder in
      try studies(in: folder)
      let copy = Program.oneRun.map { $0 == "sort" ? "copy" : $0 } + ["--output", "studies/copy"]
      #expect(try Program.run(copy, in: folder).code == 0)
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("empty"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent("link"),
        withDestinationURL: folder.appendingPathComponent("studies/1"))
      try Data("kept".utf8).write(to: folder.appendingPathComponent("file"))
      for name in ["1", "2", "copy"] {
        try FileManager.default.removeItem(
          at: StudyFolder(folder.appendingPathComponent("studies/\(name)")).summary)
      }
      let before = try contents(of: folder)
      func refused(_ arguments: [String], code: Int32, _ words: String) throws {
        expectRefusal(try Program.run(["report"] + arguments, in: folder), code: code, words)
        #expect(try contents(of: folder) == before)
      }
      try refused(["studies/1", "studies/2", "studies/1/"], code: 2, "studies/1/ is named twice")
      try refused(["studies/1", "link"], code: 2, "link is named twice")
      try refused(["studies/1", "--output", "o"], code: 2, "--output")
      try refused(["studies/1", "--figure-width", "1"], code: 2, "from 2 to 12 inches, not 1.0")
      try refused(["studies/1", "empty"], code: 1, "empty: it holds no finished run")
      try refused(["studies/1", "nowhere"], code: 1, "nowhere: no such folder")
      try refused(["studies/1", "studies/copy"], code: 1, "studies/1 has sort, which no other folder has")
      try refused(["studies/1", "studies/2", "--output", "file"], code: 1, "file: it is a file")
      let none = try Program.run(["report"], in: folder)
      #expect(none.code == 2 && none.output.isEmpty)
    }
  }

  @Test("a run that failed is in the tables and on the page of every later report")
  func failed() throws {
    try withFolder { folder in
      let study = ["--output", "study"]
      #expect(try Program.run(Program.oneRun + study, in: folder).code == 0)
      let failed = try Program.run(
        ["study", "--tasks", "sort", "--seeds", "9", "--learning-rate", "1e30", "--output", "other"]
          + Program.tiny, in: folder)
      #expect(failed.code == 1)
      expectRefusal(
        try Program.run(["report", "other"], in: folder), code: 1,
        "it holds no finished run; 1 failed, the first of them sort, seed 9: ")
      // A study has one learning rate, so the failed run comes from another.
      try FileManager.default.moveItem(
        at: folder.appendingPathComponent("other/runs/sort/seed-9"),
        to: folder.appendingPathComponent("study/runs/sort/seed-9"))
      for _ in 0..<2 {
        let report = try Program.run(["report", "study"], in: folder)
        #expect(report.code == 0)
        #expect(report.output.contains("FAILED: 1 run ended without a record (sort, seed"))
      }
      let page = StudyFolder(folder.appendingPathComponent("study")).report
      #expect(try String(contentsOf: page, encoding: .utf8).contains("not a finite number"))
      let table = try String(
        contentsOf: folder.appendingPathComponent("study/tables/left_out.csv"), encoding: .utf8)
      #expect(table.contains("\nsort,9,failed,") && table.contains("not a finite number"))
    }
  }

  @Test("a folder with two configurations is named")
  func mixed() throws {
    try withFolder { folder in
      try studies(in: folder)
      let first = StudyFolder(folder.appendingPathComponent("studies/1"))
      var record = try #require(try first.readRecord(task: "sort", seed: 1))
      record.seed = 2
      record.configuration.maxSteps += 1
      try StudyFolder.create(first.run(task: "sort", seed: 2))
      try record.write(to: first.record(task: "sort", seed: 2))
      expectRefusal(
        try Program.run(["report", "studies/2", "studies/1"], in: folder), code: 1, first.url.path,
        "differ in their configuration")
    }
  }
}
