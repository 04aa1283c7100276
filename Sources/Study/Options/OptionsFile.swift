import Errors
import Foundation
import Yams

/// Options from a YAML file.
package struct OptionsFile: Sendable {
  package let options: StudyOptions
  /// Notes on content that may surprise a reader of the file.
  package let notes: [String]

  /// Reads the options from a file.
  ///
  /// - Parameter path: a file, a pipe, or `-` for standard input.
  /// - Throws: `OptionError`, which names the file, the line and the reason.
  package init(path: String) throws(OptionError) { try self.init(OptionsDocument(path: path)) }

  /// Reads the options from a text.
  ///
  /// - Parameter name: the name of the file in messages.
  package init(text: String, name: String) throws(OptionError) {
    try self.init(OptionsDocument(text: text, name: name))
  }

  private init(_ document: OptionsDocument) throws(OptionError) {
    options = try StudyOptions(document.given)
    notes = document.notes
  }
}

/// The options of a YAML file as they stand there. Keys are the flags' names with underscores. Values are parsed from
/// their text like the values of flags, so YAML's own rules for numbers do not apply: `042` is 42, and `1:30` is
/// refused.
package struct OptionsDocument: Sendable {
  /// The name of the file in messages.
  package let name: String
  package let given: [GivenOption]
  /// For each section that the file has, the entries of its list.
  package let sections: [String: [[GivenOption]]]

  /// Notes on content that may surprise a reader of the file.
  package var notes: [String] { given.isEmpty && sections.isEmpty ? ["\(name) sets nothing"] : [] }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: a file, a pipe, or `-` for standard input.
  ///   - sections: further keys, each of which has a list of mappings from options to values.
  /// - Throws: `OptionError`, which names the file, the line and the reason.
  package init(path: String, sections: [String] = []) throws(OptionError) {
    let name = path == "-" ? "standard input" : path
    try self.init(text: OptionsText(path: path, name: name).text, name: name, sections: sections)
  }

  /// Reads the bytes of a file: UTF-8 with or without a byte order mark, or UTF-16 or UTF-32 with one.
  package init(data: Data, name: String, sections: [String] = []) throws(OptionError) {
    try self.init(text: OptionsText.decode(data, name), name: name, sections: sections)
  }

  /// Reads a text.
  package init(text: String, name: String, sections: [String] = []) throws(OptionError) {
    guard AliasLimit.permits(text) else {
      throw OptionError("\(name) has too many aliases of aliases; write the values out")
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw OptionError(Self.explain(error, in: name))
    }
    var found: [String: [[GivenOption]]] = [:]
    var given: [GivenOption] = []
    let pairs = try root.map { root throws(OptionError) in try Self.pairs(root, name) } ?? []
    for (key, value) in pairs {
      if case .scalar(let key) = key, sections.contains(key.string) {
        found[key.string] = try Self.section(value, key.string, name, sections)
      } else if let option = try Self.option(key, value, name, sections) {
        given.append(option)
      }
    }
    self.name = name
    self.given = given
    self.sections = found
  }

  /// Nil for an option without a value, which counts as not given.
  private static func option(
    _ key: Node, _ value: Node, _ name: String, _ sections: [String]
  ) throws(OptionError) -> GivenOption? {
    let line = key.mark?.line ?? 0
    guard case .scalar(let scalar) = key,
      let option = StudyOption.all.first(where: { $0.name == scalar.string })
    else { throw OptionError("\(name):\(line): \(unknown(key, sections))") }
    return try content(value, of: option, in: name, line: line).map {
      GivenOption(option, $0, at: .file(name))
    }
  }

  /// The entries of a list of mappings.
  private static func section(
    _ node: Node, _ key: String, _ name: String, _ sections: [String]
  ) throws(OptionError) -> [[GivenOption]] {
    guard case .sequence(let entries) = node else {
      throw OptionError(
        "\(name):\(node.mark?.line ?? 0): \(key) must be a list of options and their values: - {layers: 2}")
    }
    var section: [[GivenOption]] = []
    for entry in entries {
      var options: [GivenOption] = []
      for (key, value) in try pairs(entry, name) {
        if let option = try option(key, value, name, []) { options.append(option) }
      }
      section.append(options)
    }
    return section
  }

  private static func unknown(_ key: Node, _ sections: [String]) -> String {
    let names = StudyOption.all.map(\.name) + sections
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
      return .text(try text(scalar, of: option, in: name, line: line))
    case .sequence(let sequence):
      var texts: [GivenOption.Text] = []
      for (index, item) in sequence.enumerated() {
        guard case .scalar(let scalar) = item else {
          throw OptionError("\(name):\(line): \(option.name)[\(index)] must be one value")
        }
        texts.append(try text(scalar, of: option, in: name, line: line))
      }
      return .list(texts, line: sequence.mark?.line ?? line)
    case .mapping, .alias:
      throw OptionError("\(name):\(line): \(option.name) must be a value or a list, not keys and values")
    }
  }

  /// A value as a text. One byte order mark before it is lost when it is read; more of them are refused, because each
  /// reading of what was written would lose another.
  private static func text(_ scalar: Node.Scalar, of option: StudyOption, in name: String, line: Int)
    throws(OptionError) -> GivenOption.Text
  {
    let line = scalar.mark?.line ?? line
    guard scalar.string.unicodeScalars.first != "\u{feff}" else {
      throw OptionError("\(name):\(line): \(option.name) begins with a byte order mark; delete it")
    }
    return .init(scalar.string, line: line)
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

  /// A fault of the YAML in one line.
  static func explain(_ error: any Error, in name: String) -> String {
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
