/// The options of a study: those given by flags or by a file, and default values for all others.
///
///     let flags = try StudyOptions([GivenOption(flag: .layers, "2")])
///     let options = flags.merged(over: try OptionsFile(path: "study.yaml").options)
///     let plans = try options.plans()
package struct StudyOptions: Codable, Equatable, Sendable {
  /// What `quick` sets `max_steps` to.
  package static let quickSteps = 1000
  /// The largest number of seeds in one study.
  static let mostSeeds = 100_000
  static let paperSeeds = [42, 123, 456, 789, 1010, 2020, 3030, 4040, 5050, 6060]

  /// The given options, by name.
  private var values: [String: OptionValue] = [:]

  package init() {}

  /// Parses the given options.
  ///
  /// - Throws: `OptionError` for a value that an option does not accept, and for two options that exclude
  ///   each other.
  package init(_ given: [GivenOption]) throws(OptionError) {
    for one in given { values[one.option.name] = try one.value() }
    if let seeds = given.first(where: { $0.option == .seeds }),
      let count = given.first(where: { $0.option == .seedCount })
    {
      throw OptionError("\(count.subject()) and \(seeds.option.name) exclude each other; give one of them")
    }
  }

  package subscript(option: StudyOption) -> OptionValue? {
    get { values[option.name] }
    set { values[option.name] = newValue }
  }

  /// These options, together with the options of `lower` that are not given here: flags override a file.
  ///
  /// Options that say the same thing in two ways replace each other. A `quick` given here limits the steps of
  /// `lower`, which was written without `quick` in mind. A `max_steps` given here is used as it is.
  package func merged(over lower: StudyOptions) -> StudyOptions {
    var merged = self
    merged.values.merge(lower.values) { own, _ in own }
    if self[.seeds] != nil { merged[.seedCount] = nil }
    if self[.seedCount] != nil { merged[.seeds] = nil }
    if self[.quick] == .flag(true), self[.maxSteps] == nil, let steps = lower.given(.maxSteps) {
      merged[.maxSteps] = .whole(min(steps, Self.quickSteps))
    }
    return merged
  }

  private func given(_ option: StudyOption) -> Int? {
    guard case .whole(let value)? = self[option] else { return nil }
    return value
  }
}

/// The values in use: given values, else default values. The kinds agree by construction, so the value after
/// `??` only satisfies the compiler.
extension StudyOptions {
  package func isSet(_ option: StudyOption) -> Bool { self[option] == .flag(true) }

  package func whole(_ option: StudyOption) -> Int? {
    guard case .whole(let value)? = self[option] ?? option.standard else { return nil }
    return value
  }

  package func number(_ option: StudyOption) -> Double? {
    guard case .number(let value)? = self[option] ?? option.standard else { return nil }
    return value
  }

  package func word(_ option: StudyOption) -> String? {
    guard case .word(let value)? = self[option] ?? option.standard else { return nil }
    return value
  }

  package func words(_ option: StudyOption) -> [String]? {
    guard case .words(let values)? = self[option] ?? option.standard else { return nil }
    return values
  }

  /// The seeds: the given seeds, the given number of seeds, or the paper's ten; in a quick study, 42 alone.
  package var seeds: [Int] {
    if case .seeds(let seeds)? = self[.seeds] { return seeds }
    if let count = whole(.seedCount) {
      let further = (0..<max(0, count - Self.paperSeeds.count)).map { 7070 + 1010 * $0 }
      return Array((Self.paperSeeds + further).prefix(count))
    }
    return isSet(.quick) ? [Self.paperSeeds[0]] : Self.paperSeeds
  }

  /// What a reader of the options may not expect: the width of the MLP does not follow that of the residual stream.
  package var notes: [String] {
    guard let width = whole(.dModel), let inner = whole(.dFF), self[.dModel] != nil, self[.dFF] == nil,
      inner != Self.usualRatio * width
    else { return [] }
    let dFF = StudyOption.dFF.flag
    return [
      "\(dFF) is \(inner), whatever \(StudyOption.dModel.flag) is; "
        + "\(Self.usualRatio) times \(width) would be \(dFF) \(Self.usualRatio * width)"
    ]
  }

  /// How many times as wide as the residual stream the MLP's hidden layer is by default, and usually.
  private static let usualRatio = 4

  /// The given number of steps; in a quick study, fewer than the default.
  package var maxSteps: Int {
    given(.maxSteps) ?? (isSet(.quick) ? Self.quickSteps : whole(.maxSteps) ?? 0)
  }
}

extension StudyOptions {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ option: StudyOption) { stringValue = option.name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Encodes the given options under the options' names.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for option in StudyOption.all { try container.encodeIfPresent(self[option], forKey: Key(option)) }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for option in StudyOption.all where container.contains(Key(option)) {
      let key = Key(option)
      self[option] =
        switch option.kind {
        case .flag: .flag(try container.decode(Bool.self, forKey: key))
        case .whole: .whole(try container.decode(Int.self, forKey: key))
        case .positiveNumber, .numberOrZero: .number(try container.decode(Double.self, forKey: key))
        case .choice, .word, .task, .ensemble: .word(try container.decode(String.self, forKey: key))
        case .tasks: .words(try container.decode([String].self, forKey: key))
        case .seeds: .seeds(try container.decode([Int].self, forKey: key))
        }
    }
  }
}
