import Errors
import Foundation
import Tasks
import Testing
import Transformer

@testable import Study

@Suite("A study's options")
struct StudyOptionsTests {
  private func flags(_ given: (StudyOption, String)...) throws -> StudyOptions {
    try StudyOptions(given.map { GivenOption(flag: $0, $1) })
  }

  private func message(_ option: StudyOption, _ text: String) -> String? {
    do {
      _ = try flags((option, text))
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("without given options the study is the paper's")
  func standard() throws {
    let plans = try StudyOptions().plans()
    #expect(plans.count == 20)
    #expect(plans.map(\.task.name).prefix(10).allSatisfy { $0 == "reverse" })
    #expect(plans.prefix(10).map(\.seed) == [42, 123, 456, 789, 1010, 2020, 3030, 4040, 5050, 6060])
    let plan = try #require(plans.last)
    #expect((plan.task.name, plan.batchSize, plan.maxSteps) == ("sort", 64, 15_000))
    #expect(plan.learningRate == 1e-3 && plan.studyProtocol == .published && !plan.quick && !plan.reduced)
    #expect(plan.model == ModelConfiguration())
    #expect(StudyOptions().folder.relativePath == "results/published")
    #expect(StudyOptions().ensembleSize == .auto)
  }

  @Test("every option has a name, a flag, a description, and a valid default value")
  func declarations() throws {
    #expect(Set(StudyOption.all.map(\.name)).count == StudyOption.all.count)
    for option in StudyOption.all + StudyOption.ofOneModel {
      #expect(option.flag == "--" + option.name.replacing("_", with: "-"))
      #expect(!option.help.isEmpty)
      guard let standard = option.standard else { continue }
      let text = "\(standard)".replacing("[", with: "").replacing("]", with: "")
      #expect(try GivenOption(flag: option, text).value() == standard, "\(option.name)")
      #expect(option.help.contains("default"), "\(option.name)")
    }
  }

  @Test(
    "whole numbers are decimal; other YAML or C notations are refused with the flag's name",
    arguments: [
      StudyOption.layers, .heads, .dModel, .dFF, .batchSize, .maxSteps, .seedCount, .threads, .seed,
    ])
  func wholeNumbers(option: StudyOption) throws {
    #expect(try GivenOption(flag: option, "042").value() == .whole(42))
    #expect(try GivenOption(flag: option, " +8 ").value() == .whole(8))
    for text in ["0x10", "1_000", "1:10", "1e3", "2.0", "two", "", "٣", "0b1", "0o17", "--quick", "1 2"] {
      #expect(message(option, text) == "\(option.flag) must be a whole number, not '\(text)'")
    }
    for text in ["-1", "99999999999999999999"] {
      #expect(message(option, text)?.hasPrefix("\(option.flag) must be ") == true)
    }
  }

  @Test("positive numbers are decimal too")
  func numbers() throws {
    for (text, value) in [("0.002", 0.002), ("1e-3", 1e-3), ("010", 10), ("5.", 5), (".5", 0.5)] {
      #expect(try GivenOption(flag: .learningRate, text).value() == .number(value))
    }
    for text in ["1:30", "0x1p3", "1_0", "nan", "inf", "0", "-1", "1e999", "", "fast", "1,5"] {
      #expect(message(.learningRate, text) == "--learning-rate must be a positive number, not '\(text)'")
    }
  }

  @Test("seeds are numbers and ranges of numbers")
  func seeds() throws {
    #expect(try flags((.seeds, "1-4")).seeds == [1, 2, 3, 4])
    #expect(try flags((.seeds, "7, 042,1-3,9")).seeds == [7, 42, 1, 2, 3, 9])
    #expect(try flags((.seeds, "4294967290-4294967295")).seeds.count == 6)
    #expect(try flags((.seedCount, "12")).seeds.suffix(3) == [6060, 7070, 8080])
    let refused = [
      ("-1", "--seeds: seed -1 is out of range; use 0 to 4294967295"),
      ("4294967296", "--seeds: seed 4294967296 is out of range; use 0 to 4294967295"),
      ("1-4294967296", "--seeds: a seed of 1-4294967296 is out of range; use 0 to 4294967295"),
      ("5-1", "--seeds: the range 5-1 ends before it begins"),
      ("0-4294967295", "--seeds: the range 0-4294967295 has more than 100000 seeds"),
      ("1,2,1", "--seeds names seed 1 twice"), ("1-3,2", "--seeds names seed 2 twice"),
      ("1,", "--seeds has an empty item in '1,'"), ("1,,2", "--seeds has an empty item in '1,,2'"),
      ("", "--seeds is empty"),
    ]
    for (text, words) in refused { #expect(message(.seeds, text) == words) }
    #expect(message(.seeds, "1..10")?.hasPrefix("--seeds must be a whole number, not '1..10'") == true)
  }

  @Test("tasks are names of the catalogue, and a misspelt name gives a suggestion")
  func tasks() throws {
    #expect(try flags((.tasks, "sort, copy")).words(.tasks) == ["sort", "copy"])
    #expect(message(.tasks, "") == "--tasks is empty")
    #expect(message(.tasks, "sort,,copy") == "--tasks has an empty item in 'sort,,copy'")
    #expect(message(.tasks, "sort,sort") == "--tasks names 'sort' twice")
    #expect(try flags((.tasks, "all")).words(.tasks) == TaskCatalogue.names)
    #expect(try flags((.tasks, "ladder")).words(.tasks) == TaskCatalogue.names)
    #expect(message(.tasks, "all,sort") == "--tasks: 'all' stands alone; leave out the other tasks")
    #expect(message(.tasks, "sort,ladder") == "--tasks: 'ladder' stands alone; leave out the other tasks")
    let names = TaskCatalogue.names.joined(separator: ", ") + ", all, ladder"
    #expect(
      message(.tasks, "Sort") == "--tasks: there is no task 'Sort'; did you mean 'sort'? There are \(names)")
    #expect(message(.tasks, "dance") == "--tasks: there is no task 'dance'; use \(names)")
  }

  @Test("an unknown word is refused with a message that says what kind of word is expected")
  func choices() {
    #expect(message(.protocolName, "rigourous")?.contains("did you mean 'rigorous'?") == true)
    #expect(message(.positions, "dance")?.contains("there is no kind of positions 'dance'") == true)
    #expect(message(.output, "") == "--output is empty")
    #expect(message(.ensemble, "0") == "--ensemble must be auto or 1 to 1024, not '0'")
    #expect(message(.seedCount, "0") == "--seed-count must be 1 to 1000, not 0")
    #expect(message(.ensemble, "7") == nil && message(.ensemble, "auto") == nil)
  }

  @Test("a model narrower or wider than usual has a note about its MLP's width, unless that is given, too")
  func widths() throws {
    #expect(
      try flags((.dModel, "64")).notes == [
        "--d-ff is 512, whatever --d-model is; 4 times 64 would be --d-ff 256"
      ])
    #expect(try flags((.dModel, "128")).notes.isEmpty && StudyOptions().notes.isEmpty)
    #expect(try flags((.dModel, "64"), (.dFF, "512")).notes.isEmpty)
    #expect(try flags((.dFF, "96")).notes.isEmpty)
  }

  @Test("flags override the file, and replace options that say the same in another way")
  func merged() throws {
    let lower = try flags((.layers, "2"), (.heads, "3"), (.seeds, "1,2"), (.maxSteps, "9000"))
    let upper = try flags((.layers, "6"), (.seedCount, "4"))
    let merged = upper.merged(over: lower)
    #expect((merged.whole(.layers), merged.whole(.heads)) == (6, 3))
    #expect(merged.seeds == [42, 123, 456, 789] && merged.maxSteps == 9000)
    #expect(try flags((.seeds, "9")).merged(over: flags((.seedCount, "4"))).seeds == [9])
    #expect(StudyOptions().merged(over: lower) == lower && lower.merged(over: StudyOptions()) == lower)
    #expect(throws: OptionError.self) { try flags((.seeds, "1"), (.seedCount, "2")) }
  }

  @Test("a quick study has few steps and one seed unless the same source sets them")
  func quick() throws {
    let quick = try flags((.quick, "true"))
    #expect(quick.maxSteps == 1000 && quick.seeds == [42])
    #expect(try quick.plans().allSatisfy { $0.quick && $0.maxSteps == 1000 })
    #expect(try flags((.quick, "true"), (.maxSteps, "2000")).maxSteps == 2000)
    #expect(try flags((.quick, "true"), (.seeds, "1,2")).seeds == [1, 2])
    // A flag limits the steps of a file written for whole studies. A flag that sets the steps overrides a
    // quick file.
    #expect(try quick.merged(over: flags((.maxSteps, "15000"))).maxSteps == 1000)
    #expect(try quick.merged(over: flags((.maxSteps, "20"))).maxSteps == 20)
    #expect(try flags((.maxSteps, "2000")).merged(over: quick).maxSteps == 2000)
    #expect(quick.folder.relativePath == "results/published-quick")
  }

  @Test("options that contradict each other are refused when the plans are made")
  func together() throws {
    for options in [
      try flags((.heads, "3")), try flags((.reduced, "true")),
      try flags((.positions, "rotary"), (.dModel, "12"), (.heads, "4")),
    ] {
      #expect {
        try options.plans()
      } throws: {
        ($0 as? any ExitCoded)?.exitCode == .usage
      }
    }
  }

  @Test("options survive JSON under the keys of files")
  func codable() throws {
    let options = try flags(
      (.tasks, "copy"), (.seeds, "1-3"), (.dFF, "64"), (.learningRate, "1"), (.quick, "true"),
      (.device, "cpu:baseline"), (.ensemble, "3"))
    let data = try JSONEncoder().encode(options)
    let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      object.keys.sorted() == ["d_ff", "device", "ensemble", "learning_rate", "quick", "seeds", "tasks"])
    #expect(try JSONDecoder().decode(StudyOptions.self, from: data) == options)
    let used = try options.used()
    #expect(try JSONDecoder().decode(StudyOptions.self, from: JSONEncoder().encode(used)) == used)
    #expect(try used.descriptions() == options.descriptions())
  }

  @Test("the output of a dry run is a file that describes the same study")
  func dryRun() throws {
    let options = try flags(
      (.tasks, "copy"), (.seedCount, "3"), (.protocolName, "paper"), (.quick, "true"), (.output, "a: b #c"))
    let text = try options.dryRun()
    #expect(text.contains("max_steps: 1000") && text.contains("positions: learned"))
    #expect(text.contains("# 3 runs of at most 1000 steps"))
    let again = try OptionsFile(text: text, name: "again.yaml").options
    #expect(try again.descriptions() == options.descriptions())
    #expect(again.folder == options.folder && again.ensembleSize == options.ensembleSize)
  }
}
