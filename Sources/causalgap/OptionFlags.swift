import ArgumentParser
import Study

/// A group of flags that carry text: what an option is called, takes and means is in `StudyOption`, and only there. A
/// property is called like its option, so that what was given can be read from the properties themselves.
protocol OptionFlags: ParsableArguments {}

extension OptionFlags {
  /// The flags that were given.
  var given: [GivenOption] {
    Mirror(reflecting: self).children.compactMap { label, value in
      guard let label, let text = (value as? any GivenFlag)?.given, let option = StudyOption.called(label)
      else {
        return nil
      }
      return GivenOption(flag: option, text)
    }
  }
}

/// What was given of a flag; nil where it was not.
private protocol GivenFlag { var given: String? { get } }

extension Option: GivenFlag where Value == String? {
  fileprivate var given: String? { wrappedValue }

  /// An option's flag. Numbers may begin with a minus: that they must not is said of the number, not of a flag.
  init(_ option: StudyOption) {
    self.init(
      name: .customLong(option.flagName), parsing: option.isNumeric ? .unconditional : .next,
      help: ArgumentHelp(option.help, valueName: option.valueName))
  }
}

extension Flag: GivenFlag where Value == Bool {
  fileprivate var given: String? { wrappedValue ? "true" : nil }

  init(_ option: StudyOption) {
    self.init(
      wrappedValue: false, name: .customLong(option.flagName), help: ArgumentHelp(option.help))
  }
}

extension StudyOption {
  /// By the name of a property, `_maxSteps`.
  fileprivate static func called(_ label: String) -> StudyOption? {
    func letters(_ text: String) -> String { text.lowercased().replacing("_", with: "") }
    return (all + ofOneModel).first { letters($0.name) == letters(label) }
  }
}

/// What a study consists of.
struct StudyFlags: OptionFlags {
  @Flag(.quick) var quick
  @Flag(.reduced) var reduced
  @Option(.tasks) var tasks
  @Option(.seeds) var seeds
  @Option(.seedCount) var seedCount
  @Option(.protocolName) var `protocol`
  @Option(.ensemble) var ensemble
  @Option(.output) var output
}

/// The shape of the model and its training.
struct ModelFlags: OptionFlags {
  @Option(.layers) var layers
  @Option(.heads) var heads
  @Option(.dModel) var dModel
  @Option(.dFF) var dFF
  @Option(.positions) var positions
  @Option(.batchSize) var batchSize
  @Option(.maxSteps) var maxSteps
  @Option(.learningRate) var learningRate
}

/// What one model is trained for.
struct RunFlags: OptionFlags {
  @Option(.task) var task
  @Option(.seed) var seed
  @Option(.protocolName) var `protocol`
}

/// How one model is measured.
struct AnalysisFlags: OptionFlags {
  @Option(.batchSize) var batchSize
  @Flag(.reduced) var reduced
}
