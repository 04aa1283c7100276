import Foundation
import Records
import TestSupport
import Testing

@Suite("The folder of a study")
struct FolderTests {
  @Test(
    "a folder that cannot be created is named in one line",
    arguments: ["file", "file/below", "/proc/causalgap", "/dev/null"])
  func impossible(output: String) throws {
    try withFolder { folder in
      try Data("kept".utf8).write(to: folder.appendingPathComponent("file"))
      for arguments in [Program.oneRun, ["train"] + Program.tiny] {
        let outcome = try Program.run(arguments + ["--output", output], in: folder)
        expectRefusal(outcome, code: 1, output)
      }
      #expect(try contents(of: folder) == ["file": Data("kept".utf8)])
    }
  }

  @Test(
    "runs of another configuration, protocol or device are refused and stay unchanged")
  func others() throws {
    try withFolder { folder in
      #expect(try Program.run(Program.oneRun + ["--output", "s"], in: folder).code == 0)
      let before = try contents(of: folder)
      func refused(_ arguments: [String], _ words: String) throws {
        let study =
          ["study", "--tasks", "sort", "--seeds", "1,2", "--output", "s"] + Program.shape + arguments
        expectRefusal(try Program.run(study, in: folder), code: 1, words)
        #expect(try contents(of: folder) == before)
      }
      try refused(["--device", "cpu", "--max-steps", "50"], "max_steps is 40, not 50")
      try refused(["--device", "reference", "--max-steps", "40"], "device is cpu, not reference")
      try refused(
        ["--device", "cpu", "--max-steps", "40", "--protocol", "paper"], "protocol is published, not paper")
      try refused(["--device", "cpu", "--max-steps", "40", "--learning-rate", "0.1"], "learning_rate")
      // A trained model without a finished analysis is protected like a record.
      try FileManager.default.removeItem(at: folder.appendingPathComponent("s/runs/sort/seed-1/run.json"))
      let study =
        ["study", "--tasks", "sort", "--seeds", "1", "--device", "cpu", "--output", "s"] + Program.shape
      expectRefusal(
        try Program.run(study + ["--max-steps", "50"], in: folder).withoutProgress, code: 1,
        "max_steps is 40, not 50")
      #expect(try Program.run(study + ["--max-steps", "40"], in: folder).code == 0)
      #expect(try contents(of: folder).keys == before.keys)
    }
  }

  @Test(
    "a damaged record is named and kept",
    arguments: ["", "{", "[]", "{\"schema\": 99}"])
  func damagedRecord(text: String) throws {
    try withFolder { folder in
      let file = StudyFolder(folder.appendingPathComponent("s")).record(task: "sort", seed: 1)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      let before = try contents(of: folder)
      for arguments in [Program.oneRun + ["--output", "s"], ["report", "s"]] {
        expectRefusal(try Program.run(arguments, in: folder), code: 1, file.path, "delete \(file.path)")
        #expect(try contents(of: folder) == before)
      }
    }
  }

  @Test("a report of a folder without a finished run says so")
  func emptyReport() throws {
    try withFolder { folder in
      expectRefusal(try Program.run(["report", "none"], in: folder), code: 1, "no such folder")
      expectRefusal(try Program.run(["report", "."], in: folder), code: 1, "no finished run")
    }
  }

  @Test("a folder in which another process works is refused")
  func locked() throws {
    try withFolder { folder in
      let arguments = ["study", "--tasks", "reverse", "--seeds", "1", "--device", "cpu", "--output", "s"]
      let long = arguments + Program.shape + ["--max-steps", "1000000"]
      let first = try Program(long, in: folder)
      try first.waitFor("step 500")
      expectRefusal(try Program.run(long, in: folder), code: 1, "in use by another run")
      first.send(SIGINT)
      #expect(try first.wait().code == 130)
    }
  }

  @Test(
    "a full disk ends the study with one line, and earlier records are complete",
    .enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"))
  func fullDisk() throws {
    try withFolder { folder in
      let disk = try SmallDisk(at: folder.appendingPathComponent("disk"), bytes: 1 << 20)
      defer { disk.unmount() }
      let study = ["study", "--tasks", "reverse", "--output", "disk/s"] + Program.tiny
      #expect(try Program.run(study + ["--seeds", "1"], in: folder).code == 0)
      let before = try contents(of: folder.appendingPathComponent("disk/s/runs"))
      for spare in [0, 8_192, 40_960] {
        try disk.fill(leaving: spare)
        let outcome = try Program.run(study + ["--seeds", "1,2"], in: folder).withoutProgress
        expectRefusal(outcome, code: 1, "o space left")
        let after = try contents(of: folder.appendingPathComponent("disk/s/runs"))
        for (name, bytes) in before { #expect(after[name] == bytes, "\(name)") }
        #expect(after["reverse/seed-2/run.json"] == nil)
      }
      try disk.empty()
      #expect(try Program.run(study + ["--seeds", "1,2"], in: folder).code == 0)
    }
  }
}

extension Program.Outcome {
  /// The output without the lines about progress, for errors in the middle of a run.
  var withoutProgress: Program.Outcome {
    var outcome = self
    outcome.error = errorLines.filter { line in
      !["sort, ", "reverse, ", "run "].contains { line.hasPrefix($0) }
    }
    .joined(separator: "\n")
    return outcome
  }
}

/// A separate file system that is soon full.
struct SmallDisk {
  let folder: URL
  private var filler: URL { folder.appendingPathComponent("filler") }

  init(at folder: URL, bytes: Int) throws {
    self.folder = folder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try #require(succeeds(["mount", "-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", folder.path]))
  }

  static let isPossible: Bool = {
    (try? withFolder { folder in
      try SmallDisk(at: folder.appendingPathComponent("disk"), bytes: 65_536).unmount()
      return true
    }) ?? false
  }()

  /// Fills the file system except for `spare` bytes.
  func fill(leaving spare: Int) throws {
    try empty()
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: folder.path)
    let free = try #require(attributes[.systemFreeSize] as? NSNumber).intValue
    try Data(count: max(0, free - spare)).write(to: filler)
  }

  func empty() throws {
    if FileManager.default.fileExists(atPath: filler.path) { try FileManager.default.removeItem(at: filler) }
  }

  func unmount() { _ = succeeds(["umount", "-l", folder.path]) }
}
