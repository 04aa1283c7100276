import Tasks
import Transformer

/// An option of a study: its name in files, the values it accepts, its default value, and its meaning. Each
/// option is declared here and nowhere else. The name of a flag is the option's name with hyphens.
///
/// To add an option, write a line here, its name in `all`, a line where `StudyOptions` makes plans of it, and
/// a line among a command's flags.
package struct StudyOption: Equatable, Sendable {
  /// The values that an option accepts.
  enum Kind: Equatable, Sendable {
    case flag
    case whole(ClosedRange<Int>)
    case positiveNumber
    /// A positive number, or 0, which switches something off.
    case numberOrZero
    /// One of the given words; `what` is their name in messages, such as `protocol`.
    case choice([String], what: String)
    case word
    case task, tasks
    case seeds
    case ensemble
  }

  /// The key in files: `max_steps`.
  package let name: String
  let kind: Kind
  /// The default value; nil if it follows from other options, or if an absent value has a meaning of its own.
  package let standard: OptionValue?
  private let meaning: String

  init(_ name: String, _ kind: Kind, standard: OptionValue? = nil, _ meaning: String) {
    self.name = name
    self.kind = kind
    self.standard = standard
    self.meaning = meaning
  }

  /// The name of the flag without its two hyphens, such as `max-steps`.
  package var flagName: String { name.replacing("_", with: "-") }
  package var flag: String { "--\(flagName)" }

  /// The name of a flag's value in help texts.
  package var valueName: String {
    switch kind {
    case .flag: ""
    case .whole: "n"
    case .positiveNumber, .numberOrZero: "x"
    case .tasks: "task[,task…]"
    case .seeds: "seeds"
    case .task: "task"
    case .choice, .word, .ensemble: name
    }
  }

  /// Whether values begin with digits, so that a wrong one may begin with a minus sign.
  package var isNumeric: Bool {
    switch kind {
    case .whole, .positiveNumber, .numberOrZero, .seeds, .ensemble: true
    case .flag, .choice, .word, .task, .tasks: false
    }
  }

  /// The help text: the meaning and the default value.
  package var help: String {
    switch (kind, standard) {
    case (.flag, _), (_, nil): meaning
    case (_, .words(let words)?): "\(meaning) (default: \(words.joined(separator: ",")))"
    case (_, let standard?): "\(meaning) (default: \(standard))"
    }
  }
}

extension StudyOption {
  private static let shape = ModelConfiguration()
  /// The range of sizes. A larger size would fill the memory before anything can be checked.
  private static let size = 1...1 << 24
  private static let composed =
    "operations joined by \(TaskCatalogue.joint), such as unique\(TaskCatalogue.joint)reverse; or a file that describes a task, FILE.yaml"

  package static let quick = StudyOption(
    "quick", .flag,
    "Seed 42, and at most \(StudyOptions.quickSteps) steps unless --max-steps says otherwise: a look at everything."
  )
  package static let reduced = StudyOption(
    "reduced", .flag,
    "Rigorous only: fewer samples, scores and interventions, no pairs and lengths; for deep models.")
  package static let rigorousMeasures = StudyOption(
    "rigorous_measures", .flag,
    "Also measure every model as rigorous does, beside what the protocol measures; on a finished study, add that."
  )
  package static let tasks = StudyOption(
    "tasks", .tasks, standard: .words(TaskCatalogue.published.map(\.name)),
    "Tasks: TASK[,TASK…] of \(TaskCatalogue.names.joined(separator: ", ")), or all of them (all or ladder); or \(composed)."
  )
  package static let seeds = StudyOption(
    "seeds", .seeds, "Seeds: 42,123 or a range, 1-10 (default: the paper's ten).")
  package static let seedCount = StudyOption(
    "seed_count", .whole(1...1000),
    "Use the first N seeds: the paper's ten, then 7070, 8080, 9090, …")
  package static let protocolName = StudyOption(
    "protocol", .choice(StudyProtocol.all.map(\.name), what: "protocol"), standard: .word("published"),
    "What is computed: \(StudyProtocol.all.map(\.name).joined(separator: ", "))")
  package static let layers = StudyOption(
    "layers", .whole(1...1 << 16), standard: .whole(shape.layers), "Blocks")
  package static let heads = StudyOption(
    "heads", .whole(size), standard: .whole(shape.heads), "Attention heads per block")
  package static let dModel = StudyOption(
    "d_model", .whole(size), standard: .whole(shape.dModel), "Width of the residual stream")
  package static let dFF = StudyOption(
    "d_ff", .whole(size), standard: .whole(shape.dMLP), "Width of the MLP's hidden layer")
  package static let positions = StudyOption(
    "positions", .choice(ModelConfiguration.Positions.allCases.map(\.rawValue), what: "kind of positions"),
    "Positions: none, learned or rotary (default: the protocol's).")
  package static let batchSize = StudyOption(
    "batch_size", .whole(1...1_000_000), standard: .whole(64), "Sequences per batch")
  package static let maxSteps = StudyOption(
    "max_steps", .whole(0...100_000_000), standard: .whole(15_000), "Maximum training steps")
  package static let learningRate = StudyOption(
    "learning_rate", .positiveNumber, standard: .number(1e-3), "Adam's learning rate")
  package static let warmupSteps = StudyOption(
    "warmup_steps", .whole(0...100_000_000), standard: .whole(0),
    "First steps over which the learning rate rises from 0; 0 is off")
  package static let schedule = StudyOption(
    "schedule", .choice(OptimiserSettings.Schedule.allCases.map(\.rawValue), what: "schedule"),
    standard: .word(OptimiserSettings.Schedule.constant.rawValue),
    "The learning rate after the warm-up: constant, or cosine, which falls to 0 at the maximum of steps")
  package static let weightDecay = StudyOption(
    "weight_decay", .numberOrZero, standard: .number(0),
    "AdamW's decay of weight matrices and embeddings; 0 is off")
  package static let clipNorm = StudyOption(
    "clip_norm", .numberOrZero, standard: .number(0),
    "Largest norm of a model's gradient, which is scaled down to it; 0 is off")
  package static let activations = StudyOption(
    "activations", .choice(ActivationPrecision.allCases.map(\.rawValue), what: "precision of activations"),
    standard: .word(ActivationPrecision.float32.rawValue),
    "Precision in which training keeps activations for the backward: float32, half (float16) or bfloat16, which take less "
      + "memory and change results by rounding")
  package static let initialSeed = StudyOption(
    "initial_seed", .whole(0...Int(UInt32.max)),
    "The seed of the initial parameters alone; the run's seed is then that of its data (default: the run's seed)."
  )
  package static let activationCheckpointing = StudyOption(
    "activation_checkpointing",
    .choice(ActivationCheckpointing.allCases.map(\.rawValue), what: "kind of checkpointing"),
    standard: .word(ActivationCheckpointing.auto.rawValue),
    "Compute activations again instead of keeping them: on, off, or auto, if they don't fit into memory; "
      + "results don't depend on it")
  package static let device = StudyOption(
    "device", .word, standard: .word("auto"), "Where to compute; 'causalgap devices' lists what exists")
  package static let threads = StudyOption(
    "threads", .whole(1...1024),
    "Threads of the CPU device (default: the processors this process may use). Results don't depend on it.")
  package static let ensemble = StudyOption(
    "ensemble", .ensemble, standard: .word("auto"),
    "Models trained side by side: auto or 1 to 1024; results don't depend on it")
  package static let output = StudyOption(
    "output", .word, "The study's folder (default: results/PROTOCOL[-quick][-reduced][-DEVICE]).")

  /// The options of a study, in the order in which they are printed.
  package static let all = [
    quick, reduced, rigorousMeasures, tasks, seeds, seedCount, protocolName, layers, heads, dModel, dFF,
    positions, batchSize,
    maxSteps, learningRate, warmupSteps, schedule, weightDecay, clipNorm, activations, initialSeed,
    activationCheckpointing, device, threads, ensemble, output,
  ]

  /// The task of commands that work on one model.
  package static let task = StudyOption(
    "task", .task, standard: .word(IntegerTask.sort.name),
    "The task: \(TaskCatalogue.names.joined(separator: ", ")); or \(composed)")
  package static let seed = StudyOption(
    "seed", .whole(0...Int(UInt32.max)), standard: .whole(42), "The seed of parameters and data")

  package static let context = StudyOption(
    "context", .whole(1...1 << 20), standard: .whole(64), "Bytes in a sequence of --text")
  package static let vocabulary = StudyOption(
    "vocabulary", .whole(size),
    "Tokens that the model knows, with --data (default: as many as the file needs).")
  package static let split = StudyOption(
    "split", .choice(ByteText.Split.allCases.map(\.rawValue), what: "split"),
    standard: .word(ByteText.Split.heldOut.rawValue),
    "The part of --text to measure on: \(ByteText.Split.allCases.map(\.rawValue).joined(separator: ", "))")
  package static let sequences = StudyOption(
    "sequences", .whole(2...1_000_000), standard: .whole(200),
    "Sequences to take from --text, spread evenly over the split")

  package static let ofOneModel = [
    context, vocabulary, split, sequences, task, seed, protocolName, reduced, layers, heads, dModel, dFF,
    positions, batchSize, maxSteps,
    learningRate, warmupSteps, schedule, weightDecay, clipNorm, activations, initialSeed,
    activationCheckpointing, device,
    threads,
  ]
}
