/// All tasks by name.
public enum TaskCatalogue {
  /// In the order in which a study runs them.
  public static let all: [Task] = [.reverse, .sort]

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
