import Errors

/// Tasks that are made of operations: `unique+reverse` applies one after the other to the integers of a problem. The name is the whole
/// description, so it is all that options, plans, records and folders need.
extension TaskCatalogue {
  /// Stands between operations in a name.
  package static let joint: Character = "+"
  /// The largest number of operations in a task.
  package static let mostOperations = 8

  /// What a task can be made of: every task of the catalogue, and operations that are no task by themselves.
  package static let operations: [IntegerTask] = all + [.unique]

  /// The task whose operations are named, in the order in which they are applied. It is one of the catalogue if a single task is named.
  ///
  /// - Throws: `UnknownOperation`.
  package static func task(of names: [String]) throws(UnknownOperation) -> IntegerTask {
    guard (1...mostOperations).contains(names.count) else { throw UnknownOperation(count: names.count) }
    var steps: [IntegerTask] = []
    for name in names {
      guard let step = operations.first(where: { $0.name == name }) else {
        throw UnknownOperation(name: name)
      }
      steps.append(step)
    }
    if steps.count == 1, let task = all.first(where: { $0.name == names[0] }) { return task }
    return IntegerTask(
      name: names.joined(separator: String(joint)), title: steps.map(\.title).joined(separator: ", then ")
    ) { [steps] integers in steps.reduce(integers) { $1.target($0) } }
  }

  /// The operations of a task's name; one for a task of the catalogue.
  package static func operations(in name: String) -> [String] {
    name.split(separator: joint, omittingEmptySubsequences: false).map(String.init)
  }
}

extension IntegerTask {
  /// The distinct integers, in the order in which they first occur.
  package static let unique = IntegerTask(name: "unique", title: "Removing repetitions") { integers in
    var met: Set<Int> = []
    return integers.filter { met.insert($0).inserted }
  }
}

/// A task is to be made of something that is not an operation, or of too many.
package struct UnknownOperation: ExitCoded, Equatable, Sendable, CustomStringConvertible {
  package let description: String

  init(name: String) {
    description = unknownText(
      "operation", name.singleLine, among: TaskCatalogue.operations.map(\.name))
  }

  init(count: Int) {
    description = "a task has 1 to \(TaskCatalogue.mostOperations) operations, not \(count)"
  }

  package var exitCode: ProgramExit { .usage }
}
