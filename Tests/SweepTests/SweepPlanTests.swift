import Foundation
import Records
import Study
import TestSupport
import Testing

@testable import Sweep

@Suite("The plan of a sweep")
struct SweepPlanTests {
  @Test(
    "has a run for every combination of values, tasks and seeds, named for what differs from the standard")
  func combinations() throws {
    let plan = try SweepPlan(
      grid(
        ("layers", "2,4"), ("learning_rate", "1e-3,3e-4"), ("tasks", "copy,sort"), ("seeds", "5,1-2"),
        ("protocol", "rigorous")))
    #expect(plan.runCount == 2 * 2 * 2 * 3)
    #expect(plan.runs.count == plan.runCount)
    #expect(
      plan.settings.map(\.name) == [
        "rigorous,layers=2", "rigorous,layers=2,learning_rate=0.0003", "rigorous",
        "rigorous,learning_rate=0.0003",
      ])
    #expect(
      plan.runs.prefix(3).map(\.description) == [
        "rigorous,layers=2/copy/seed-1", "rigorous,layers=2/sort/seed-1", "rigorous,layers=2/copy/seed-2",
      ])
    #expect(plan.runs.map(\.number) == Array(0..<24))
    let first = try plan.plan(of: plan.runs[0])
    #expect(
      (first.task.name, first.seed, first.model.layers, first.studyProtocol.name) == (
        "copy", 1, 2, "rigorous"
      ))
  }

  @Test("notes of which widths of the model the MLP is not four times as wide")
  func widths() throws {
    let notes = try grid(("d_model", "64,128,256")).notes
    #expect(notes.count == 2 && notes[0].hasSuffix("--d-ff 256") && notes[1].hasSuffix("--d-ff 1024"))
    #expect(
      try grid(("d_model", "64"), ("d_ff", "128,256")).notes.isEmpty && grid(("layers", "2")).notes.isEmpty)
  }

  @Test("names a run the same, in whatever order values are given and whatever else the plan has")
  func names() throws {
    let one = try SweepPlan(grid(("layers", "2,8"), ("d_model", "64,128"), ("seeds", "1,2")))
    let other = try SweepPlan(
      grid(("seeds", "2,1,9"), ("d_model", "128,64,32"), ("layers", "8,2"), ("batch_size", "64,32")))
    #expect(Set(one.runs.map(\.description)).isSubset(of: other.runs.map(\.description)))
  }

  @Test("is the same after it was written and read, and its hash changes with every value")
  func frozen() throws {
    try withFolder { url in
      let folder = SweepFolder(url.appendingPathComponent("sweep"))
      let plan = try tinyPlan(seeds: "1-3,7", ("layers", "1,2"))
      #expect(throws: SweepError.self) { try folder.readPlan() }
      #expect(try folder.freeze(plan).added == 16)
      #expect(try folder.readPlan() == plan)
      #expect(try folder.freeze(plan).added == 0)
      var hashes: Set<String> = [try plan.hash()]
      for changed in [
        try tinyPlan(seeds: "1-3,8", ("layers", "1,2")), try tinyPlan(seeds: "1-3,7", ("layers", "1,3")),
        try tinyPlan(seeds: "1-3,7", steps: "31", ("layers", "1,2")),
      ] {
        #expect(try hashes.insert(changed.hash()).inserted)
      }
    }
  }

  @Test("that was edited by hand is refused")
  func edited() throws {
    try withFolder { url in
      let folder = SweepFolder(url)
      _ = try folder.freeze(tinyPlan())
      let text = try String(contentsOf: folder.planFile, encoding: .utf8)
      try text.replacing("\"max_steps\" : 30", with: "\"max_steps\" : 31")
        .write(to: folder.planFile, atomically: true, encoding: .utf8)
      let error = #expect(throws: SweepError.self) { try folder.readPlan() }
      #expect(error?.description.contains("was changed after it was made") == true)
      try Data("{}".utf8).write(to: folder.planFile)
      #expect(throws: SweepError.self) { try folder.readPlan() }
    }
  }

  @Test("is extended by a plan that holds it, and every old run keeps its name")
  func extended() throws {
    try withFolder { url in
      let folder = SweepFolder(url)
      let old = try folder.freeze(tinyPlan(seeds: "1-2")).plan
      let (new, added) = try folder.freeze(tinyPlan(seeds: "1-4", ("layers", "2,1")))
      #expect(added == 4 * 4 - 4)
      #expect(
        new.settings[0]
          == SweepPlan.Setting(
            name: old.settings[0].name, settings: old.settings[0].settings,
            runs: ["reverse": SeedList(1...4), "copy": SeedList(1...4)]))
      #expect(Set(old.runs.map(\.description)).isSubset(of: new.runs.map(\.description)))
      #expect(try folder.readPlan() == new)
    }
  }

  @Test("refuses by name a new plan that lacks what it has")
  func conflicts() throws {
    try withFolder { url in
      let folder = SweepFolder(url)
      let plan = try folder.freeze(tinyPlan(seeds: "1-3", ("layers", "1,2"))).plan
      for (new, words) in [
        (try tinyPlan(seeds: "1-3"), ["layers=2"]),
        (try tinyPlan(seeds: "1-2", ("layers", "1,2")), ["4 runs", "seed-3"]),
        (try tinyPlan(seeds: "1-3", steps: "40", ("layers", "1,2")), ["max_steps=30"]),
      ] {
        let error = #expect(throws: SweepError.self) { try folder.freeze(new) }
        for word in words {
          #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
        }
        #expect(error?.exitCode == .usage)
        #expect(try folder.readPlan() == plan)
      }
    }
  }

  @Test("leaves out what is excluded: settings, tasks and seeds")
  func excluded() throws {
    let base = try grid(
      ("layers", "2,4"), ("learning_rate", "1e-3,1e-2"), ("tasks", "copy,sort"), ("seeds", "1-3"))
    let plan = try SweepPlan(
      base,
      excluding: [grid(("layers", "4"), ("learning_rate", "1e-2")), grid(("tasks", "sort"), ("seeds", "2"))])
    #expect(
      !plan.settings.contains { $0.name.contains("learning_rate=0.01") && !$0.name.contains("layers=2") })
    #expect(plan.runCount == 3 * 6 - 3)
    #expect(!plan.runs.contains { $0.task == "sort" && $0.seed == 2 })
    #expect(plan.runs.contains { $0.task == "copy" && $0.seed == 2 })
    let error = #expect(throws: SweepError.self) { try SweepPlan(base, excluding: [grid(("layers", "3"))]) }
    #expect(error?.description.contains("exclude[0]") == true)
    #expect(throws: SweepError.self) { try SweepPlan(base, excluding: [grid(("tasks", "copy,sort"))]) }
  }

  @Test("excludes by the value that is used, where none is given")
  func excludedStandard() throws {
    let plan = try SweepPlan(
      grid(("layers", "2,4"), ("seeds", "1")), excluding: [grid(("layers", "4"), ("d_model", "128"))])
    #expect(plan.settings.map(\.name) == ["published,layers=2"])
  }

  @Test("has the points of further grids, which take from the first what they do not name")
  func included() throws {
    let plan = try SweepPlan(
      grid(("layers", "2,4"), ("tasks", "copy"), ("seeds", "1-2")),
      including: [grid(("layers", "12"), ("d_model", "768"), ("heads", "12"), ("seeds", "1"))])
    #expect(
      plan.settings.map(\.name) == [
        "published,layers=2", "published", "published,layers=12,heads=12,d_model=768",
      ])
    #expect(plan.runCount == 5)
    // What stands in both counts once.
    let twice = try SweepPlan(grid(("layers", "2"), ("seeds", "1-2")), including: [grid(("seeds", "2-3"))])
    #expect(twice.settings.count == 1 && twice.runCount == 6)
    let error = #expect(throws: SweepError.self) {
      try SweepPlan(
        grid(("layers", "2"), ("seeds", "1-2")),
        including: [grid(("seeds", "3")), grid(("layers", "2"), ("seeds", "2"))])
    }
    #expect(error?.description.contains("include[1] adds nothing") == true)
  }

  @Test("is refused where it can't be trained, has too many runs, or what is not a plan's")
  func refused() throws {
    for (flags, words) in [
      ([("layers", "2"), ("heads", "3")], "heads"), ([("layers", "2,2")], "twice"),
      ([("device", "cpu")], "sweep run"), ([("seeds", "1"), ("seed_count", "2")], "exclude each other"),
      ([("layers", "two")], "whole number"),
      ([("seeds", "0-99999"), ("batch_size", "1,2,3,4,5,6,7")], "more than"),
    ] {
      let error = #expect(throws: (any Error).self) {
        try SweepPlan(
          SweepGrid(
            flags.map { flag in
              GivenOption(flag: try #require(StudyOption.all.first { $0.name == flag.0 }), flag.1)
            }))
      }
      #expect(error.map { "\($0)".contains(words) } == true, "\(words): \(error.map { "\($0)" } ?? "")")
    }
  }
}

@Suite("A list of seeds")
struct SeedListTests {
  @Test("is written as ranges and read back", arguments: ["1", "1-3", "1-3,7", "0,2,4-5", "4294967295"])
  func text(_ text: String) throws {
    let list = try #require(SeedList(text: text))
    #expect(list.text == text)
  }

  @Test(
    "is refused where it is not one",
    arguments: ["", "a", "3-1", "2,1", "1-", "1--2", "1,1", "4294967296", "1-3-5"])
  func refused(_ text: String) { #expect(SeedList(text: text) == nil) }

  @Test("a short text can't fill the memory: all its ranges together have a limit")
  func tooMany() {
    let ranges = (0..<4000).map { "\($0 * 1_000_000)-\($0 * 1_000_000 + 999_998)" }
    #expect(SeedList(text: ranges.joined(separator: ",")) == nil)
    #expect(SeedList(text: ranges[0])?.seeds.count == 999_999)
  }
}

@Suite("A shard")
struct ShardTests {
  @Test("takes every Nth run, and all shards together every run once")
  func parts() throws {
    let plan = try tinyPlan(seeds: "1-5")
    let parts = try (1...3).map { part in plan.runs.filter(try Shard("\(part)/3").contains) }
    #expect(parts.map(\.count) == [4, 3, 3])
    #expect(Set(parts.joined()) == Set(plan.runs))
  }

  @Test("is refused where it is not I/N", arguments: ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2"])
  func refused(_ text: String) { #expect(throws: SweepError.self) { try Shard(text) } }
}
