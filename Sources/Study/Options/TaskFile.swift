import Errors
import Tasks
import Yams

/// The description of a task in YAML: `rule: [unique, reverse]`, the operations in the order in which they are applied.
struct TaskFile {
  /// The name of the task, which says as much as the file.
  let task: String

  private static let key = "rule"

  /// Whether an option's text names such a file.
  static func isNamed(by text: String) -> Bool { [".yaml", ".yml"].contains { text.hasSuffix($0) } }

  /// - Throws: `OptionError`, which names the file and, where there is one, the line.
  init(path: String) throws(OptionError) {
    let text = try OptionsText(path: path, name: path).text
    guard AliasLimit.permits(text) else {
      throw OptionError("\(path) has too many aliases of aliases; write the values out")
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw OptionError(OptionsDocument.explain(error, in: path))
    }
    guard let mapping = root?.mapping, let rule = mapping[Node(Self.key)] else {
      throw OptionError("\(path) describes no task; it needs one line such as rule: [unique, reverse]")
    }
    if let other = mapping.keys.first(where: { $0.string != Self.key }) {
      throw OptionError("\(path):\(other.mark?.line ?? 1): a task has the key \(Self.key) and no other")
    }
    let line = rule.mark?.line ?? 1
    var operations: [String] = []
    for node in rule.sequence.map(Array.init) ?? [rule] {
      guard let operation = node.scalar?.string else {
        throw OptionError("\(path):\(line): \(Self.key) must be a list of operations")
      }
      operations.append(operation)
    }
    do {
      task = try TaskCatalogue.task(of: operations).name
    } catch {
      throw OptionError("\(path):\(line): \(error)")
    }
  }
}
