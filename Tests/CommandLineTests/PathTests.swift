import Foundation
import Records
import Safetensors
import TestSupport
import Testing

@Suite("Paths: links, pipes, devices and invalid paths")
struct PathTests {
  private func inspect(_ folder: URL, output: String) throws -> Program.Outcome {
    try Program.run(
      [
        "inspect", "--checkpoint", "m/model.safetensors", "--batch", "batch", "--output", output, "--device",
        "cpu",
      ], in: folder)
  }

  /// Makes a model trained for no steps, and a batch that fits it.
  private func withModel(_ body: (URL) throws -> Void) throws {
    try withFolder { folder in
      let train = ["train", "--max-steps", "0", "--device", "cpu", "--output", "m"] + Program.shape
      try #require(try Program.run(train, in: folder).code == 0)
      try SafetensorsFile(tensors: [
        SafetensorsTensor(name: "tokens", shape: [1, 3], integers: [1, 2, 3] as [Int]),
        SafetensorsTensor(name: "targets", shape: [1, 3], integers: [-100, 3, 4] as [Int]),
      ]).write(to: folder.appendingPathComponent("batch"))
      try body(folder)
    }
  }

  @Test("inspect writes to a pipe, to a device and through a link, and none of them becomes a file")
  func specialOutputs() throws {
    try withModel { folder in
      #expect(try inspect(folder, output: "expected").output == "expected\n")
      let expected = try Data(contentsOf: folder.appendingPathComponent("expected"))
      let shell = """
        mkfifo pipe; ln -s target link
        run() { "$0" inspect --checkpoint m/model.safetensors --batch batch --device cpu --output "$1"; }
        cat pipe > from-pipe & run pipe; wait
        run link; run /dev/null; run /dev/stdout > from-stdout; run /dev/fd/7 7> from-descriptor
        run /dev/stdout | cat > from-shell-pipe
        """
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-ec", shell, Program.binary.path]
      process.currentDirectoryURL = folder
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      for name in ["from-pipe", "target", "from-stdout", "from-descriptor", "from-shell-pipe"] {
        let isEqual = try Data(contentsOf: folder.appendingPathComponent(name)) == expected
        #expect(isEqual, "\(name)")
      }
      #expect(
        try FileManager.default.destinationOfSymbolicLink(
          atPath: folder.appendingPathComponent("link").path) == "target")
      #expect(try FileKind.of(folder.appendingPathComponent("pipe")) == .other)
      #expect(try FileKind.of(URL(fileURLWithPath: "/dev/null")) == .other)
    }
  }

  @Test("a folder as inspect's output, and a link to its input, are refused")
  func badOutputs() throws {
    try withModel { folder in
      try FileManager.default.createSymbolicLink(
        atPath: folder.appendingPathComponent("link").path, withDestinationPath: "batch")
      let before = try contents(of: folder)
      expectRefusal(try inspect(folder, output: "m"), code: 2, "--output m is a folder")
      expectRefusal(try inspect(folder, output: "link"), code: 2, "--output link would replace")
      #expect(try contents(of: folder) == before)
    }
  }

  @Test(
    "an empty path, for example from an unset variable, is refused with its option's name",
    arguments: [
      (Program.oneRun + ["--output", ""], "--output"), (["train", "--output", ""], "--output"),
      (["analyze", "m", "--output", ""], "--output"), (["analyze", "", "--output", "o"], "the checkpoint"),
      (["inspect", "--checkpoint", "", "--batch", "b", "--output", "o"], "--checkpoint"),
      (["inspect", "--checkpoint", "m", "--batch", "", "--output", "o"], "--batch"),
      (["inspect", "--checkpoint", "m", "--batch", "b", "--output", ""], "--output"),
      (["report", ""], "a study's folder"), (["report", "a", "b", "--output", ""], "--output"),
      (["decompose", ""], "the study's folder"),
      (["plan-size", ""], "the study's folder"), (["interactions", ""], "the study's folder"),
      (["study", "--config", ""], "--config is empty"),
      (["study", "--config", "empty-output.yaml"], "output"),
    ])
  func emptyPaths(arguments: [String], name: String) throws {
    try withFolder { folder in
      let yaml = "tasks: [sort]\nseeds: [1]\nmax_steps: 1\ndevice: cpu\noutput: \"\"\n"
      try Data(yaml.utf8).write(to: folder.appendingPathComponent("empty-output.yaml"))
      expectRefusal(try Program.run(arguments, in: folder), code: 2, name)
      #expect(try contents(of: folder).count == 1)
    }
  }

  @Test("a path that is not UTF-8 is refused, and no file is made under another name")
  func notUTF8() throws {
    try withFolder { folder in
      let name = "caf\\351"
      for line in [
        "\"$0\" study --tasks copy --seeds 1 --device cpu --max-steps 1 --output \"$(printf '\(name)')\"",
        "mkdir \"$(printf '\(name)')\" && cd \"$(printf '\(name)')\" && \"$0\" train --device cpu --output here",
      ] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line, Program.binary.path]
        process.currentDirectoryURL = folder
        let error = Pipe()
        process.standardError = error
        try process.run()
        let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 2)
        #expect(text.contains("UTF-8"), "\(text)")
      }
      // Only the folder that the shell made exists.
      let ls = Process()
      ls.executableURL = URL(fileURLWithPath: "/bin/sh")
      ls.arguments = ["-c", "test \"$(ls | wc -l)\" = 1 && test -z \"$(ls *)\""]
      ls.currentDirectoryURL = folder
      try ls.run()
      ls.waitUntilExit()
      #expect(ls.terminationStatus == 0)
    }
  }

  @Test("errors distinguish a wrong folder or checkpoint from a missing one")
  func otherThings() throws {
    try withFolder { folder in
      #expect(try Program.run(Program.oneRun + ["--output", "results/s"], in: folder).code == 0)
      let before = try contents(of: folder)
      func refused(_ arguments: [String], code: Int32 = 1, _ words: String) throws {
        expectRefusal(try Program.run(arguments, in: folder), code: code, words)
        #expect(try contents(of: folder) == before)
      }
      try refused(["report", "results"], "did you mean \(folder.path)/results/s?")
      try refused(["report", "results/s/summary.json"], "it is a file; name its folder")
      try refused(["report", "nowhere"], "nowhere: no such folder")
      let run = "results/s/runs/sort/seed-1"
      let rest = ["--device", "cpu", "--output", "a"]
      try refused(["analyze", run] + rest, "did you mean \(folder.path)/\(run)/model.safetensors?")
      try refused(["analyze", run + "/run.json"] + rest, "is not a safetensors file")
      try refused(["train", "--device", "cpu", "--output", "results/s"], code: 2, "folder of a study")
      try refused(["help", "dance"], code: 2, "there is no verb 'dance'")
      let file = try Program.run(Program.oneRun + ["--output", "results/s/summary.json"], in: folder)
      expectRefusal(file, code: 1, "it is a file, not a folder")
      #expect(!file.error.contains("study: "))
    }
  }

  @Test("runs behind symbolic links are kept by study and counted by report")
  func linkedRuns() throws {
    try withFolder { folder in
      let study = ["study", "--tasks", "copy", "--seeds", "1,2", "--output", "s"] + Program.tiny
      #expect(try Program.run(study, in: folder).code == 0)
      let manager = FileManager.default
      for (place, name) in [("s/runs/copy/seed-2", "seed"), ("s/runs/copy", "task")] {
        let url = folder.appendingPathComponent(place)
        let target = folder.appendingPathComponent(name)
        try manager.moveItem(at: url, to: target)
        try manager.createSymbolicLink(atPath: url.path, withDestinationPath: target.path)
        let report = try Program.run(["report", "s", "--json"], in: folder)
        #expect(report.code == 0, "\(report.error)")
        let seeds = try #require(
          try JSONSerialization.jsonObject(with: Data(report.output.utf8)) as? [String: Any])
        let tasks = try #require(seeds["tasks"] as? [[String: Any]])
        #expect(tasks.first?["seeds"] as? [Int] == [1, 2])
        let again = try Program.run(study, in: folder)
        #expect(again.code == 0 && again.error.contains("copy, seed 2: already finished, kept"))
      }
    }
  }

  @Test(
    "a read-only study is reported with a note that nothing was written",
    .enabled(if: ReadOnly.isPossible, "needs the right to mount, or not to be root"))
  func readOnly() throws {
    try withFolder { folder in
      #expect(try Program.run(Program.oneRun + ["--output", "s"], in: folder).code == 0)
      let study = folder.appendingPathComponent("s")
      let before = try contents(of: study)
      for name in ["summary.json", "tables/table1.csv"] {
        try FileManager.default.removeItem(at: study.appendingPathComponent(name))
      }
      let left = try contents(of: study)
      try ReadOnly.during(study) {
        for arguments in [["report", "s"], ["report", "s", "--json"]] {
          let outcome = try Program.run(arguments, in: folder)
          #expect(outcome.code == 0, "\(outcome.error)")
          #expect(outcome.error.contains("report: nothing was written: "))
          #expect(!outcome.output.isEmpty)
        }
      }
      #expect(try contents(of: study) == left)
      #expect(try Program.run(["report", "s"], in: folder).code == 0)
      // It says when the files were written.
      let stamp = ".report.json"
      #expect(
        try contents(of: study).filter { $0.key != stamp } == before.filter { $0.key != stamp })
    }
  }
}
