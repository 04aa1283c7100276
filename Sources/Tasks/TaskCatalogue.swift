/// All tasks by name.
public enum TaskCatalogue {
  /// A ladder of rising complexity: what moves integers to places known beforehand (copy, reverse, rotate), what
  /// places them by their values (sort, sort_descending), and what also drops or repeats some (sort_unique,
  /// running_max). A task's rung is its index.
  public static let all: [Task] = [
    .copy, .reverse, .rotate, .sort, .sortDescending, .sortUnique, .runningMaximum,
  ]

  /// The tasks of the paper, in the order in which a study runs them unless others are asked for.
  public static let published: [Task] = [.reverse, .sort]

  /// The names of all tasks, in the same order.
  public static var names: [String] { all.map(\.name) }

  /// The task of this name.
  ///
  /// - Throws: `UnknownTask`, which lists the names there are.
  public static func task(named name: String) throws(UnknownTask) -> Task {
    guard let task = all.first(where: { $0.name == name }) else { throw UnknownTask(name: name) }
    return task
  }
}

/// A task was asked for that the catalogue does not have.
public struct UnknownTask: Error, Equatable, Sendable, CustomStringConvertible {
  public let name: String

  public init(name: String) { self.name = name }

  public var description: String {
    "there is no task '\(name)'; the tasks are \(TaskCatalogue.names.joined(separator: ", "))"
  }
}
