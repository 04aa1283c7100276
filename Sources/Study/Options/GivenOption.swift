/// An option as it was given: its text, and the place of the text.
package struct GivenOption: Equatable, Sendable {
  package enum Place: Equatable, Sendable {
    case flag
    case file(String)
  }

  /// A text with its line, if it is in a file.
  package struct Text: Equatable, Sendable {
    package var text: String
    package var line: Int

    package init(_ text: String, line: Int = 0) {
      self.text = text
      self.line = line
    }
  }

  package enum Content: Equatable, Sendable {
    case text(Text)
    case list([Text], line: Int)
  }

  package var option: StudyOption
  package var content: Content
  package var place: Place

  package init(_ option: StudyOption, _ content: Content, at place: Place) {
    self.option = option
    self.content = content
    self.place = place
  }

  /// The value of a flag; `true` for a flag without a value.
  package init(flag option: StudyOption, _ text: String) {
    self.init(option, .text(Text(text)), at: .flag)
  }

  /// The texts of the option's items. If the option takes a list, a text is split at its commas.
  package func items() throws(OptionError) -> [(text: Text, subject: String)] {
    switch content {
    case .list(let texts, _):
      return texts.enumerated().map { ($1, subject(item: $0, line: $1.line)) }
    case .text(let whole):
      let words = whole.text.split(separator: ",", omittingEmptySubsequences: false)
        .map { $0.trimmed }
      let subject = subject()
      guard words != [""] else { throw OptionError("\(subject) is empty") }
      guard !words.contains("") else { throw OptionError("\(subject) has an empty item in '\(whole.text)'") }
      return words.map { (Text($0, line: whole.line), subject) }
    }
  }

  /// The single text of an option that does not take a list.
  func text() throws(OptionError) -> String {
    switch content {
    case .text(let text): return text.text.trimmed
    case .list: throw OptionError("\(subject()) must be one value, not a list")
    }
  }

  /// The beginning of a message: `--max-steps`, `study.yaml:3: max_steps` or `study.yaml:3: seeds[1]`.
  package func subject(item: Int? = nil, line: Int? = nil) -> String {
    switch place {
    case .flag: return option.flag
    case .file(let path):
      let index = item.map { "[\($0)]" } ?? ""
      return "\(path):\(line ?? self.line): \(option.name)\(index)"
    }
  }

  private var line: Int {
    switch content {
    case .text(let text): text.line
    case .list(_, let line): line
    }
  }
}

extension StringProtocol {
  /// The text without blanks at its ends.
  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
