import Errors
import Yams

/// Options from a YAML file. Keys are the flags' names with underscores. Values are parsed from their text
/// like the values of flags, so YAML's own rules for numbers do not apply: `042` is 42, and `1:30` is
/// refused.
package struct OptionsFile: Sendable {
  package let options: StudyOptions
  /// Notes on content that may surprise a reader of the file.
  package let notes: [String]

  /// Reads the options from a file.
  ///
  /// - Parameter path: a file, a pipe, or `-` for standard input.
  /// - Throws: `OptionError`, which names the file, the line and the reason.
  package init(path: String) throws(OptionError) {
    let name = path == "-" ? "standard input" : path
    try self.init(text: OptionsText(path: path, name: name).text, name: name)
  }

  /// Reads the options from a text.
  ///
  /// - Parameter name: the name of the file in messages.
  package init(text: String, name: String) throws(OptionError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw OptionError(Self.explain(error, in: name))
    }
    let pairs = try root.map { root throws(OptionError) in try Self.pairs(root, name) } ?? []
    var given: [GivenOption] = []
    for (key, value) in pairs {
      let line = key.mark?.line ?? 0
      guard case .scalar(let key) = key, let option = StudyOption.all.first(where: { $0.name == key.string })
      else { throw OptionError("\(name):\(line): \(Self.unknown(key))") }
      if let content = try Self.content(value, of: option, in: name, line: line) {
        given.append(GivenOption(option, content, at: .file(name)))
      }
    }
    options = try StudyOptions(given)
    notes = given.isEmpty ? ["\(name) sets nothing"] : []
  }

  private static func unknown(_ key: Node) -> String {
    let names = StudyOption.all.map(\.name)
    guard case .scalar(let scalar) = key else { return "a key must be the name of an option" }
    let near = suggestion(for: scalar.string, among: names)
    return "there is no option '\(scalar.string)'; "
      + (near.map { "did you mean \($0)?" } ?? "the options are \(names.joined(separator: ", "))")
  }

  /// The content of a value; nil for an option without a value, which counts as not given.
  private static func content(
    _ node: Node, of option: StudyOption, in name: String, line: Int
  ) throws(OptionError) -> GivenOption.Content? {
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return nil }
      return .text(.init(scalar.string, line: scalar.mark?.line ?? line))
    case .sequence(let sequence):
      var texts: [GivenOption.Text] = []
      for (index, item) in sequence.enumerated() {
        guard case .scalar(let scalar) = item else {
          throw OptionError("\(name):\(line): \(option.name)[\(index)] must be one value")
        }
        texts.append(.init(scalar.string, line: scalar.mark?.line ?? line))
      }
      return .list(texts, line: sequence.mark?.line ?? line)
    case .mapping, .alias:
      throw OptionError("\(name):\(line): \(option.name) must be a value or a list, not keys and values")
    }
  }

  /// The keys and values. The file's own keys override those of merged mappings (`<<: *base`), and each key
  /// occurs once.
  private static func pairs(_ root: Node, _ name: String) throws(OptionError) -> [(key: Node, value: Node)] {
    // A limit, because nested merges can expand to more mappings than could ever be processed.
    var left = 1000
    var pairs: [(key: Node, value: Node)] = []
    var seen: Set<Node> = []
    func add(_ node: Node) throws(OptionError) {
      left -= 1
      guard left > 0 else { throw OptionError("\(name): it merges too many mappings into one another") }
      guard case .mapping(let mapping) = node else {
        let found = node.sequence == nil ? "found '\(node.string ?? "")'" : "found a list"
        throw OptionError(
          "\(name):\(node.mark?.line ?? 1): expected keys and values (tasks: …), \(found)")
      }
      for pair in mapping where pair.key.string != "<<" && seen.insert(pair.key).inserted {
        pairs.append(pair)
      }
      for pair in mapping where pair.key.string == "<<" {
        if let list = pair.value.sequence {
          for item in list { try add(item) }
        } else {
          try add(pair.value)
        }
      }
    }
    if case .scalar(let scalar) = root, scalar.string.isEmpty { return [] }
    try add(root)
    return pairs
  }

  private static func explain(_ error: any Error, in name: String) -> String {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      "\(name):\(mark.line): \(problem)"
    case YamlError.duplicatedKeysInMapping(let duplicates, let context):
      "\(name):\(context.mark.line): \(duplicates.joined(separator: ", ")) is there twice"
    case YamlError.reader(let problem, _, _, _): "\(name): \(problem)"
    default: "\(name): \(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
    }
  }
}
