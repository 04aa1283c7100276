import Foundation
import Testing

@testable import Study

@Suite("Options from a file")
struct OptionsFileTests {
  private func options(_ text: String) throws -> StudyOptions {
    try OptionsFile(text: text, name: "c.yaml").options
  }

  private func message(_ text: String) -> String? {
    do {
      _ = try OptionsFile(text: text, name: "c.yaml")
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("use the flags' names with underscores, and lists in either form")
  func values() throws {
    let found = try options(
      """
      # a study
      tasks: [sort, copy]
      seeds:
        - 1
        - "2"
        - 5-7
      protocol: paper
      d_model: 64
      learning_rate: 0.002
      quick: yes
      reduced: false
      device: cpu:baseline
      output: "some where"
      layers:
      heads: ~
      """)
    #expect(found.words(.tasks) == ["sort", "copy"] && found.seeds == [1, 2, 5, 6, 7])
    #expect(found.word(.protocolName) == "paper" && found.whole(.dModel) == 64)
    #expect(found.number(.learningRate) == 0.002 && found.isSet(.quick) && !found.isSet(.reduced))
    #expect(found.folder.relativePath == "some where" && found[.layers] == nil && found[.heads] == nil)
    #expect(try options("tasks: sort").words(.tasks) == ["sort"])
    #expect(try options("tasks: sort,copy\nseeds: 1-3").words(.tasks) == ["sort", "copy"])
    #expect(try options("seeds: 1-3").seeds == [1, 2, 3])
    #expect(try options("seeds: 42").seeds == [42])
  }

  @Test(
    "numbers are decimal for every key, even if YAML 1.1 reads them differently",
    arguments: ["layers", "heads", "d_model", "d_ff", "batch_size", "max_steps", "seed_count", "threads"])
  func decimal(key: String) throws {
    let option = try #require(StudyOption.all.first { $0.name == key })
    #expect(try options("\(key): 010")[option] == .whole(10))
    #expect(try options("\(key): 042")[option] == .whole(42))
    for text in ["1:10", "0x10", "0o17", "1_000", "1e2", "2.0", "true", ".inf"] {
      #expect(message("\(key): \(text)") == "c.yaml:1: \(key) must be a whole number, not '\(text)'")
    }
  }

  @Test("seeds and learning rates are decimal too")
  func decimalSeeds() throws {
    #expect(try options("seeds: [042]").seeds == [42])
    #expect(
      message("seeds: [1:10]")?.contains("c.yaml:1: seeds[0] must be a whole number, not '1:10'") == true)
    #expect(try options("learning_rate: 010")[.learningRate] == .number(10))
    #expect(message("learning_rate: 1:30") == "c.yaml:1: learning_rate must be a positive number, not '1:30'")
  }

  @Test("an error names the file, the line and the key")
  func messages() {
    let cases = [
      ("layers: 1\nseeds: [1, two]", "c.yaml:2: seeds[1] must be a whole number, not 'two'"),
      ("layers: 1\nseeds:\n  - 1\n  - two", "c.yaml:4: seeds[1] must be a whole number, not 'two'"),
      ("max_steps: many", "c.yaml:1: max_steps must be a whole number, not 'many'"),
      ("\nmax-steps: 5", "c.yaml:2: there is no option 'max-steps'; did you mean max_steps?"),
      ("layrs: 2", "c.yaml:1: there is no option 'layrs'; did you mean layers?"),
      ("- layers", "c.yaml:1: expected keys and values (tasks: …), found a list"),
      ("layers", "c.yaml:1: expected keys and values (tasks: …), found 'layers'"),
      ("layers: [1, 2]", "c.yaml:1: layers must be one value, not a list"),
      ("seeds: [[1]]", "c.yaml:1: seeds[0] must be one value"),
      ("layers: {a: 1}", "c.yaml:1: layers must be a value or a list, not keys and values"),
      ("seeds: []", "c.yaml:1: seeds names no seed"), ("tasks: []", "c.yaml:1: tasks names no task"),
      ("quick: perhaps", "c.yaml:1: quick must be true or false, not 'perhaps'"),
      ("seeds: [1]\nseed_count: 2", "c.yaml:2: seed_count and seeds exclude each other; give one of them"),
      ("? [a, b]\n: 1", "c.yaml:1: a key must be the name of an option"),
    ]
    for (text, words) in cases { #expect(message(text) == words) }
    #expect(message("dance: 2")?.contains("the options are quick, reduced, rigorous_measures") == true)
    #expect(message("layers: 1\nlayers: 2")?.contains("layers is there twice") == true)
    #expect(message("layers: [1\n")?.hasPrefix("c.yaml:") == true)
    #expect(message("layers: 1\n--- \nheads: 2")?.hasPrefix("c.yaml") == true)
  }

  @Test("the file's own keys override merged mappings, and endless merges are refused at once")
  func merges() throws {
    #expect(try options("<<: {heads: 2, layers: 3}\nlayers: 5").whole(.layers) == 5)
    #expect(try options("<<: [{heads: 2}, {heads: 9, layers: 3}]").whole(.heads) == 2)
    // Ten merges of ten merges of …, which expand to 10³ and to 10⁹ mappings.
    #expect(message(Self.laughs(levels: 3))?.contains("merges too many") == true)
    #expect(message(Self.laughs(levels: 9))?.contains("aliases of aliases") == true)
  }

  private static func laughs(levels: Int) -> String {
    var laughs = "{heads: 2}"
    for level in 0..<levels {
      let alias = Array(repeating: "*a\(level)", count: 9).joined(separator: ", ")
      laughs = "{<<: [&a\(level) \(laughs), \(alias)]}"
    }
    return laughs
  }

  @Test("a key that stands for millions of copies is refused before anything compares it")
  func copies() {
    var text = "a0: &a0 [x, x]\n"
    for level in 1..<26 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    #expect(message(text + "? *a25\n: 1\n")?.contains("aliases of aliases") == true)
    #expect(message("layers: &a 2\nheads: *a\n") == nil)
  }

  @Test(
    "a word that YAML could read otherwise is written so that it is read back",
    arguments: [
      "a\nb", "null", "it's", "\"q\" \\\n", "ab:", "a: b", "\u{1b}\u{85}", "a  #b", "- a", "*a",
      "'\u{5c2}'",
    ])
  func words(word: String) throws {
    let given = try StudyOptions([GivenOption(flag: .output, "x\(word)x"), GivenOption(flag: .device, word)])
    let again = try options(given.dryRun())
    #expect(again[.output] == given[.output])
    #expect(again[.device] == given[.device])
  }

  @Test("a file that sets nothing gives a note")
  func empty() throws {
    for text in ["", "\n", "# nothing\n", "---\n", "layers:\n"] {
      let file = try OptionsFile(text: text, name: "c.yaml")
      #expect(file.options == StudyOptions() && file.notes == ["c.yaml sets nothing"])
    }
    #expect(try OptionsFile(text: "layers: 1", name: "c.yaml").notes.isEmpty)
  }

  @Test("UTF-8, UTF-16 and UTF-32 are recognised by their byte order marks; other bytes are refused")
  func encodings() throws {
    let text = "tasks: [copy]\r\nlayers: 3\r\n"
    let marks: [(String.Encoding, [UInt8])] = [
      (.utf8, []), (.utf8, [0xef, 0xbb, 0xbf]), (.utf16LittleEndian, [0xff, 0xfe]),
      (.utf16BigEndian, [0xfe, 0xff]), (.utf32LittleEndian, [0xff, 0xfe, 0, 0]),
      (.utf32BigEndian, [0, 0, 0xfe, 0xff]),
    ]
    for (encoding, mark) in marks {
      let data = try Data(mark) + #require(text.data(using: encoding))
      let found = try options(OptionsText.decode(data, "c.yaml"))
      #expect(found.whole(.layers) == 3 && found.words(.tasks) == ["copy"], "\(encoding)")
    }
    let unmarked = try #require(text.data(using: .utf16LittleEndian))
    #expect {
      try OptionsText.decode(unmarked, "c.yaml")
    } throws: {
      "\($0)".contains("byte order mark")
    }
    #expect {
      try OptionsText.decode(Data([0x61, 0xff, 0xfe, 0x62]), "c.yaml")
    } throws: {
      "\($0)" == "c.yaml is not valid UTF-8 text; save it as UTF-8"
    }
  }

  @Test("an unreadable file is named, and an endless one is not read to its end")
  func unreadable() throws {
    for path in ["/nonexistent/c.yaml", "/"] {
      #expect {
        try OptionsFile(path: path)
      } throws: {
        "\($0)".hasPrefix("\(path) can't be read: ")
      }
    }
    #expect {
      try OptionsFile(path: "/dev/zero")
    } throws: {
      "\($0)".contains("larger than")
    }
  }
}
