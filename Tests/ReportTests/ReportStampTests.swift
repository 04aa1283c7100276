import Foundation
import Records
import TestSupport
import Testing

@testable import Report

@Suite("The stamp by which a report is known to be up to date")
struct ReportStampTests {
  private let draws = ReportDraws(resamples: 49, permutations: 49)

  /// A folder with records of two seeds and their report.
  private func reported(_ body: (StudyFolder) throws -> Void) throws {
    try withFolder { url in
      let folder = StudyFolder(url)
      for seed in [1, 2] {
        try folder.createRun(seed)
        try HandMade.run(seed: seed, components: [HandMade.component("L0_H0", delta: 1)])
          .write(to: folder.record(task: "sort", seed: seed))
      }
      try report(folder)
      try body(folder)
    }
  }

  private func report(_ folder: StudyFolder) throws {
    let stamp = try ReportStamp(for: folder, runs: nil, figureWidth: 396)
    let records = try folder.readRecords()
    try StudyReport(Summary(records, draws: draws), runs: records).write(to: folder, stamp: stamp)
  }

  private func isCurrent(
    _ folder: StudyFolder, runs: [RunRecord]? = nil, width: Double = 396
  ) throws -> Bool {
    try #require(try ReportStamp(for: folder, runs: runs, figureWidth: width)).keptBrief(in: folder) != nil
  }

  @Test("a report is not current once a run has failed")
  func failure() throws {
    try reported { folder in
      try folder.createRun(3)
      #expect(try isCurrent(folder))
      try RunState(phase: .failed, cause: "not finite", device: "cpu", attempts: 1)
        .write(in: folder.run(task: "sort", seed: 3))
      #expect(try !isCurrent(folder))
    }
  }

  @Test("a report is current after it was made, for the same runs and options only")
  func current() throws {
    try reported { folder in
      let records = try folder.readRecords()
      #expect(try isCurrent(folder) && isCurrent(folder, runs: records))
      #expect(try !isCurrent(folder, runs: [records[0]]))
      #expect(try !isCurrent(folder, width: 300))
      let stamp = try #require(try ReportStamp(for: folder, runs: nil, figureWidth: 396))
      #expect(
        try stamp.keptBrief(in: folder) == StudyReport(Summary(records, draws: draws), runs: records).brief)
      let kept = try Summary.read(from: folder.summary)
      #expect(try kept == Summary(records, draws: draws))
      #expect(
        try StudyReport(kept, runs: []).text
          == StudyReport(Summary(records, draws: draws), runs: records).text)
    }
  }

  @Test("a changed, a new and a removed record end it, also where size and time stay")
  func records() throws {
    try reported { folder in
      let file = folder.record(task: "sort", seed: 1)
      let before = try String(contentsOf: file, encoding: .utf8)
      let time = try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate]
      try Data(before.replacing("cpu", with: "cpX").utf8).write(to: file)
      try FileManager.default.setAttributes([.modificationDate: time as Any], ofItemAtPath: file.path)
      #expect(try !isCurrent(folder))
      try Data(before.utf8).write(to: file)
      #expect(try isCurrent(folder))
      try folder.createRun(3)
      #expect(try isCurrent(folder), "a run without a record changes nothing")
      try HandMade.run(seed: 3).write(to: folder.record(task: "sort", seed: 3))
      #expect(try !isCurrent(folder))
      try FileManager.default.removeItem(at: folder.record(task: "sort", seed: 3))
      #expect(try isCurrent(folder))
      try FileManager.default.removeItem(at: file)
      #expect(try !isCurrent(folder))
    }
  }

  @Test(
    "a changed, a missing and an added file of the report end it",
    arguments: ["summary.json", "report.html", "tables/table1.csv", "figures/alignment.svg"])
  func files(name: String) throws {
    try reported { folder in
      let file = folder.url.appendingPathComponent(name)
      let data = try Data(contentsOf: file)
      try (data + Data(" ".utf8)).write(to: file)
      #expect(try !isCurrent(folder))
      try report(folder)
      #expect(try isCurrent(folder) && Data(contentsOf: file) == data)
      try FileManager.default.removeItem(at: file)
      #expect(try !isCurrent(folder))
      try report(folder)
      #expect(try isCurrent(folder) && Data(contentsOf: file) == data)
      try Data().write(to: folder.tables.appendingPathComponent("more.csv"))
      #expect(try !isCurrent(folder))
    }
  }

  @Test("a damaged stamp, one cut short and one of another program are none")
  func damage() throws {
    try reported { folder in
      let file = folder.url.appendingPathComponent(".report.json")
      let whole = try Data(contentsOf: file)
      let stamp = try #require(try ReportStamp(for: folder, runs: nil, figureWidth: 396))
      let brief = try #require(stamp.keptBrief(in: folder))
      for place in stride(from: 0, to: whole.count, by: 7) {
        var data = whole
        data[place] ^= 1
        try data.write(to: file)
        // White space between words may change, and so may the name of the checksum: the rest is whole then.
        let kept = stamp.keptBrief(in: folder)
        #expect(kept == nil || kept == brief, "byte \(place)")
      }
      try whole.prefix(whole.count / 2).write(to: file)
      #expect(try !isCurrent(folder))
      var other = try #require(try ReportStamp(for: folder, runs: nil, figureWidth: 396))
      other.program = "0123456789abcdef"
      try other.write("", to: folder)
      #expect(try !isCurrent(folder))
    }
  }
}

extension StudyFolder {
  fileprivate func createRun(_ seed: Int) throws {
    try FileManager.default.createDirectory(
      at: run(task: "sort", seed: seed), withIntermediateDirectories: true)
  }
}
