import Errors

/// All tasks by name.
package enum TaskCatalogue {
  /// All tasks, on a ladder of rising complexity: tasks that move integers to places known beforehand (copy,
  /// reverse, rotate), tasks that place them by their values (sort, sort_descending), and tasks that also
  /// drop or repeat some (sort_unique, running_max). The index of a task is its rung.
  package static let all: [IntegerTask] = [
    .copy, .reverse, .rotate, .sort, .sortDescending, .sortUnique, .runningMaximum,
  ]

  /// The tasks of the paper, in the order in which a study runs them by default.
  package static let published: [IntegerTask] = [.reverse, .sort]

  /// The names of all tasks, in the same order.
  package static var names: [String] { all.map(\.name) }

  /// The task with this name: one of the catalogue, or one composed of operations.
  ///
  /// - Throws: `UnknownTask`, whose message lists all names.
  package static func task(named name: String) throws(UnknownTask) -> IntegerTask {
    guard let task = try? task(of: operations(in: name)) else { throw UnknownTask(name: name) }
    return task
  }
}

/// No task of the catalogue has the requested name.
package struct UnknownTask: ExitCoded, Equatable, Sendable, CustomStringConvertible {
  package let name: String

  package init(name: String) { self.name = name }

  package var exitCode: ProgramExit { .usage }

  package var description: String {
    "there is no task '\(name.singleLine)'; the tasks are \(TaskCatalogue.names.joined(separator: ", "))"
  }
}
