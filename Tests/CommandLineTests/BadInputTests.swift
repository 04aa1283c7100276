import Foundation
import Safetensors
import TestSupport
import Testing

/// Bad inputs and what the program says. `Golden/bad-inputs.txt` has a command after each `$`, and below it the exit code and
/// the one line on the error stream. After an intended change, `CAUSALGAP_UPDATE_GOLDEN=1` writes what is said now.
@Suite("Bad inputs are answered by one approved line")
struct BadInputTests {
  @Test("each of them")
  func messages() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/bad-inputs.txt")
    let approved = try String(contentsOf: file, encoding: .utf8)
    let commands = approved.split(separator: "\n").filter { $0.hasPrefix("$ ") }
    #expect(commands.count >= 60)
    try withFolder { folder in
      try makeFiles(in: folder)
      func files() throws -> Set<String> {
        // What is known of devices may be kept.
        Set(try contents(of: folder).keys.filter { !$0.hasPrefix("cache/") })
      }
      let before = try files()
      let answers = try commands.map { command in
        let outcome = try answer(String(command.dropFirst(2)), in: folder)
        return "\(command)\n\(outcome)\n"
      }
      #expect(try files() == before, "a refused request leaves nothing behind")
      let text = answers.joined(separator: "\n")
      if ProcessInfo.processInfo.environment["CAUSALGAP_UPDATE_GOLDEN"] == "1" {
        return try Data(text.utf8).write(to: file)
      }
      let expected = approved.components(separatedBy: "\n\n")
      for (answer, expected) in zip(text.components(separatedBy: "\n\n"), expected) {
        #expect(answer == expected)
      }
    }
  }

  /// The exit code and the complaint, with the folder's path left out.
  private func answer(_ command: String, in folder: URL) throws -> String {
    let environment = ["XDG_CACHE_HOME": folder.appendingPathComponent("cache").path]
    let outcome = try Program.run(
      [command], in: folder, environment: environment, launcher: ["/bin/sh", "-c", "eval \"$0 $1\""])
    #expect([1, 2].contains(outcome.code), "\(command)")
    #expect(outcome.complaints.count == 1, "\(command): \(outcome.error)")
    #expect(outcome.output.isEmpty, "\(command)")
    let path = folder.resolvingSymlinksInPath().path
    let line = outcome.complaints.joined(separator: "\n").replacing(path, with: "HERE")
    return "\(outcome.code) \(line)"
  }

  private func makeFiles(in folder: URL) throws {
    let files = [
      "a-file": "text\n",
      "unknown.yaml": "max_stps: 5\n", "list.yaml": "max_steps: [1, 2]\n", "nested.yaml": "tasks: {a: 1}\n",
      "broken.yaml": "a: [1\n", "twice.yaml": "layers: 2\nlayers: 3\n", "word.yaml": "- sort\n",
      "number.yaml": "batch_size: many\n", "mark.yaml": "output: \"\\ufeff\\ufeffo\"\n", "zero.yaml": "a\0b",
      "short.safetensors": "abc", "json.safetensors": "{\"a\": 1}",
      "plan.json": "{}", "runs.json": "[]",
    ]
    for (name, text) in files {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    for name in ["empty", "cache", "strange", "unknown-key", "damaged/runs/sort/seed-1"] {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    let configurations = [
      "strange": #"{"model_type": "mamba"}"#, "unknown-key": #"{"model_type": "gpt2", "alibi": true}"#,
    ]
    let none = Data([UInt8](withUnsafeBytes(of: UInt64(2).littleEndian) { Array($0) }) + "{}".utf8)
    for (name, text) in configurations {
      try Data(text.utf8).write(to: folder.appendingPathComponent("\(name)/config.json"))
      try none.write(to: folder.appendingPathComponent("\(name)/model.safetensors"))
    }
    try Data("{".utf8).write(to: folder.appendingPathComponent("damaged/runs/sort/seed-1/run.json"))
    try makeData(in: folder)
  }

  /// Files of token sequences that nothing can be learned from.
  private func makeData(in folder: URL) throws {
    let (shape, tokens) = ([2, 3], [1, 2, 3, 4, 5, 6])
    let own = try [
      SafetensorsTensor(name: "tokens", shape: shape, integers: tokens),
      SafetensorsTensor(name: "targets", shape: shape, integers: tokens),
    ]
    let files: [String: [SafetensorsTensor]] = try [
      "no-sequences": [SafetensorsTensor(name: "tokens", shape: [0, 3], integers: [Int]())],
      "no-targets": [
        own[0], SafetensorsTensor(name: "targets", shape: shape, integers: [Int](repeating: -100, count: 6)),
      ],
      "nan-lengths": own + [SafetensorsTensor(name: "lengths", shape: [2], floats: [.nan, 1])],
      "long-lengths": own + [SafetensorsTensor(name: "lengths", shape: [2], integers: [3, 4])],
      "negative-tokens": [
        SafetensorsTensor(name: "tokens", shape: shape, integers: tokens.map { -$0 }), own[1],
      ],
      "huge-tokens": [
        SafetensorsTensor(name: "tokens", shape: shape, integers: tokens.map { $0 << 28 }), own[1],
      ],
      "alike": [
        SafetensorsTensor(name: "tokens", shape: shape, integers: [1, 2, 3, 1, 2, 3]), own[1],
      ],
    ]
    for (name, tensors) in files {
      try SafetensorsFile(tensors: tensors).write(to: folder.appendingPathComponent("\(name).safetensors"))
    }
  }
}
