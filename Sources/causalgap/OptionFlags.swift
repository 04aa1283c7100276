import ArgumentParser
import Study

/// A group of flags whose values are text. The name, values and meaning of each option are in `StudyOption`,
/// and only there. A property has the name of its option, so the given flags can be read from the properties
/// themselves.
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

/// A flag as it was given; nil if it was not given.
private protocol GivenFlag { var given: String? { get } }

extension Option: GivenFlag where Value == String? {
  fileprivate var given: String? { wrappedValue }

  /// The flag of an option. Its value may begin with a minus sign, so that a negative number is reported as
  /// an invalid number and not as an unknown flag.
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
  /// The option for the name of a property, such as `_maxSteps`.
  fileprivate static func called(_ label: String) -> StudyOption? {
    func letters(_ text: String) -> String { text.lowercased().replacing("_", with: "") }
    return (all + ofOneModel).first { letters($0.name) == letters(label) }
  }
}

/// The flags of a study.
struct StudyFlags: OptionFlags {
  @Flag(.quick) var quick
  @Flag(.reduced) var reduced
  @Flag(.rigorousMeasures) var rigorousMeasures
  @Option(.tasks) var tasks
  @Option(.seeds) var seeds
  @Option(.seedCount) var seedCount
  @Option(.protocolName) var `protocol`
  @Option(.ensemble) var ensemble
  @Option(.output) var output
}

/// The flags for the shape of the model and its training.
struct ModelFlags: OptionFlags {
  @Option(.layers) var layers
  @Option(.heads) var heads
  @Option(.dModel) var dModel
  @Option(.dFF) var dFF
  @Option(.positions) var positions
  @Option(.batchSize) var batchSize
  @Option(.maxSteps) var maxSteps
  @Option(.learningRate) var learningRate
  @Option(.warmupSteps) var warmupSteps
  @Option(.schedule) var schedule
  @Option(.weightDecay) var weightDecay
  @Option(.clipNorm) var clipNorm
  @Option(.activations) var activations
  @Option(.initialSeed) var initialSeed
}

/// The flags for what a run may take of a device's memory.
struct MemoryFlags: OptionFlags {
  @Option(.activationCheckpointing) var activationCheckpointing

  func checkpointing() throws -> ActivationCheckpointing { try StudyOptions(given).checkpointing }
}

/// The flags for the task and the seed of one model.
struct RunFlags: OptionFlags {
  @Option(.task) var task
  @Option(.seed) var seed
  @Option(.protocolName) var `protocol`
}

/// The flag for the vocabulary of a model that is trained on token sequences.
struct VocabularyFlags: OptionFlags {
  @Option(.vocabulary) var vocabulary
}

/// The flags for the analysis of one model.
struct AnalysisFlags: OptionFlags {
  @Option(.batchSize) var batchSize
  @Flag(.reduced) var reduced
}
