import Foundation
import TestSupport
import Testing

@testable import Study

@Suite("A task from a file")
struct TaskFileTests {
  private func tasks(_ text: String) throws -> [String] {
    try withFolder { folder in
      let file = folder.appendingPathComponent("own.yaml")
      try Data(text.utf8).write(to: file)
      do {
        return try StudyOptions([GivenOption(flag: .tasks, "sort,\(file.path)")]).words(.tasks) ?? []
      } catch {
        return ["\(error)".replacing(file.path, with: "FILE")]
      }
    }
  }

  @Test("is that of its operations, so that plans and records need no file")
  func names() throws {
    #expect(try tasks("rule: [unique, reverse]\n") == ["sort", "unique+reverse"])
    #expect(try tasks("# mine\nrule:\n  - rotate\n  - sort_unique\n") == ["sort", "rotate+sort_unique"])
    #expect(try tasks("rule: unique") == ["sort", "unique"])
    #expect(try tasks("rule: [reverse]") == ["sort", "reverse"])
    try withFolder { folder in
      let file = folder.appendingPathComponent("own.yml")
      try Data("rule: [sort, rotate]".utf8).write(to: file)
      let plan = try StudyOptions([GivenOption(flag: .task, file.path)]).plan()
      #expect(plan.task.name == "sort+rotate" && plan.task.target([3, 1, 2]) == [2, 3, 1])
      #expect(try RunPlan(plan.description).task.name == "sort+rotate")
    }
  }

  @Test("or it is refused by one line that names the file and what is wrong")
  func refusals() throws {
    for (text, reason) in [
      ("", "--tasks: FILE describes no task; it needs one line such as rule: [unique, reverse]"),
      ("- sort", "--tasks: FILE describes no task; it needs one line such as rule: [unique, reverse]"),
      ("rules: [sort]", "--tasks: FILE describes no task; it needs one line such as rule: [unique, reverse]"),
      ("rule: [sort]\nname: mine", "--tasks: FILE:2: a task has the key rule and no other"),
      ("rule: []", "--tasks: FILE:1: a task has 1 to 8 operations, not 0"),
      ("rule: {sort: 1}", "--tasks: FILE:1: rule must be a list of operations"),
      ("rule: [[sort]]", "--tasks: FILE:1: rule must be a list of operations"),
      ("rule: [sort", "--tasks: FILE:"),
      ("\nrule: [sort, all]", "--tasks: FILE:2: there is no operation 'all'; use "),
      ("rule: [sort]", "--tasks names 'sort' twice"),
    ] {
      let message = try tasks(text)
      #expect(message.count == 1 && message[0].hasPrefix(reason), "\(message)")
      #expect(!message[0].contains("\n"))
    }
  }
}
