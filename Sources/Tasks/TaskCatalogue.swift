/// All tasks by name.
package enum TaskCatalogue {
  /// A ladder of rising complexity: what moves integers to places known beforehand (copy, reverse, rotate), what
  /// places them by their values (sort, sort_descending), and what also drops or repeats some (sort_unique,
  /// running_max). A task's rung is its index.
  package static let all: [IntegerTask] = [
    .copy, .reverse, .rotate, .sort, .sortDescending, .sortUnique, .runningMaximum,
  ]

  /// The tasks of the paper, in the order in which a study runs them unless others are asked for.
  package static let published: [IntegerTask] = [.reverse, .sort]

  /// The names of all tasks, in the same order.
  package static var names: [String] { all.map(\.name) }

  /// The task of this name.
  ///
  /// - Throws: `UnknownTask`, which lists the names there are.
  package static func task(named name: String) throws(UnknownTask) -> IntegerTask {
    guard let task = all.first(where: { $0.name == name }) else { throw UnknownTask(name: name) }
    return task
  }
}

/// A task was asked for that the catalogue does not have.
package struct UnknownTask: Error, Equatable, Sendable, CustomStringConvertible {
  package let name: String

  package init(name: String) { self.name = name }

  package var description: String {
    "there is no task '\(name)'; the tasks are \(TaskCatalogue.names.joined(separator: ", "))"
  }
}
