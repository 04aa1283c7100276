import Errors
import Tasks

/// Conversion of text to a value of the option's kind. Numbers are always decimal: `042` is 42.
extension GivenOption {
  /// The value of the option.
  ///
  /// - Throws: `OptionError`, which names the flag, or the file's line and key, and the accepted values.
  package func value() throws(OptionError) -> OptionValue {
    switch option.kind {
    case .flag: return .flag(try truth())
    case .whole(let range): return .whole(try whole(text(), in: range, subject()))
    case .positiveNumber: return .number(try number(orZero: false))
    case .numberOrZero: return .number(try number(orZero: true))
    case .choice(let names, let what): return .word(try choice(names, what))
    case .word: return .word(try word())
    case .task: return .word(try task(text(), subject(), among: TaskCatalogue.names))
    case .tasks: return .words(try tasks())
    case .seeds: return .seeds(try seeds())
    case .ensemble: return .word(try ensemble())
    }
  }

  private func truth() throws(OptionError) -> Bool {
    let text = try text()
    switch text.lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default: throw OptionError("\(subject()) must be true or false, not '\(text)'")
    }
  }

  private func whole(_ text: String, in range: ClosedRange<Int>, _ subject: String) throws(OptionError) -> Int
  {
    let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
      throw OptionError("\(subject) must be a whole number, not '\(text)'")
    }
    guard let number = Int(text), range.contains(number) else {
      throw OptionError("\(subject) must be \(range.lowerBound) to \(range.upperBound), not \(text)")
    }
    return number
  }

  private func number(orZero: Bool) throws(OptionError) -> Double {
    let text = try text()
    guard text.wholeMatch(of: /[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?/) != nil,
      let number = Double(text), number > 0 || orZero && number == 0, number.isFinite
    else {
      throw OptionError("\(subject()) must be a positive number\(orZero ? " or 0" : ""), not '\(text)'")
    }
    // Not −0, which would be written differently.
    return abs(number)
  }

  private func choice(_ names: [String], _ what: String) throws(OptionError) -> String {
    let text = try text()
    guard names.contains(text) else {
      throw OptionError("\(subject()): \(unknownText(what, text, among: names))")
    }
    return text
  }

  private func word() throws(OptionError) -> String {
    var text = try text()
    guard !text.isEmpty else { throw OptionError("\(subject()) is empty") }
    guard option == .output else { return text }
    // A folder's name, read again as it is written: without slashes at its end, and without the blanks before them.
    while text.count > 1, text.hasSuffix("/") { text = String(text.dropLast()).trimmed }
    return text
  }

  /// The words for all tasks: the catalogue is the ladder.
  private static let allTasks = ["all", "ladder"]

  private func tasks() throws(OptionError) -> [String] {
    var names: [String] = []
    let items = try items()
    if items.count == 1, Self.allTasks.contains(items[0].text.text) { return TaskCatalogue.names }
    for (text, subject) in items {
      if Self.allTasks.contains(text.text) {
        throw OptionError("\(subject): '\(text.text)' stands alone; leave out the other tasks")
      }
      let name = try task(text.text, subject, among: TaskCatalogue.names + Self.allTasks)
      guard !names.contains(name) else { throw OptionError("\(subject) names '\(name)' twice") }
      names.append(name)
    }
    guard !names.isEmpty else { throw OptionError("\(subject()) names no task") }
    return names
  }

  /// The name of a task: of the catalogue, of operations, or of those that a file names.
  ///
  /// - Parameter names: those that could be meant by a single word.
  private func task(
    _ text: String, _ subject: String, among names: [String]
  ) throws(OptionError) -> String {
    do {
      if TaskFile.isNamed(by: text) { return try TaskFile(path: text).task }
      let operations = TaskCatalogue.operations(in: text)
      guard operations.count > 1 || TaskCatalogue.operations.contains(where: { $0.name == text }) else {
        throw OptionError(unknownText("task", text, among: names))
      }
      return try TaskCatalogue.task(of: operations).name
    } catch {
      throw OptionError("\(subject): \(error)")
    }
  }

  /// Reads whole numbers and ranges of them, such as `1-10`.
  private func seeds() throws(OptionError) -> [Int] {
    var seeds: [Int] = []
    var seen: Set<Int> = []
    for (text, subject) in try items() {
      for seed in try range(text.text, subject) {
        guard seen.insert(seed).inserted else { throw OptionError("\(subject) names seed \(seed) twice") }
        seeds.append(seed)
      }
      guard seeds.count <= StudyOptions.mostSeeds else {
        throw OptionError("\(subject) names more than \(StudyOptions.mostSeeds) seeds")
      }
    }
    guard !seeds.isEmpty else { throw OptionError("\(subject()) names no seed") }
    return seeds
  }

  private func range(_ text: String, _ subject: String) throws(OptionError) -> ClosedRange<Int> {
    let last = Int(UInt32.max)
    guard let ends = text.wholeMatch(of: /([0-9]+) *- *([0-9]+)/) else {
      guard text.wholeMatch(of: /[+-]?[0-9]+/) != nil else {
        let advice =
          place == .flag ? "; write 1,2,3 or a range, 1-3, or use \(StudyOption.seedCount.flag)" : ""
        throw OptionError("\(subject) must be a whole number, not '\(text)'\(advice)")
      }
      guard let seed = Int(text), (0...last).contains(seed) else {
        throw OptionError("\(subject): seed \(text) is out of range; use 0 to \(last)")
      }
      return seed...seed
    }
    guard let first = Int(ends.1), let end = Int(ends.2), end <= last else {
      throw OptionError("\(subject): a seed of \(text) is out of range; use 0 to \(last)")
    }
    guard first <= end else { throw OptionError("\(subject): the range \(text) ends before it begins") }
    guard end - first < StudyOptions.mostSeeds else {
      throw OptionError("\(subject): the range \(text) has more than \(StudyOptions.mostSeeds) seeds")
    }
    return first...end
  }

  private func ensemble() throws(OptionError) -> String {
    let text = try text()
    guard (try? EnsembleSize(text)) != nil else {
      let possible = EnsembleSize.possible
      throw OptionError(
        "\(subject()) must be auto or \(possible.lowerBound) to \(possible.upperBound), not '\(text)'")
    }
    return text
  }
}
