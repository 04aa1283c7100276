import Foundation
import Study
import Tasks
import Yams

/// What a study is asked to do, from flags, a YAML file and defaults, in this order.
struct StudySettings {
  let plans: [RunPlan]
  let device: String
  let ensemble: EnsembleSize
  let output: URL

  static let paperSeeds = [42, 123, 456, 789, 1010, 2020, 3030, 4040, 5050, 6060]
  private static let quickSteps = 1500

  init(_ command: StudyCommand) throws {
    let file = try command.config.map(StudyFile.init(path:)) ?? StudyFile()
    let quick = command.quick || file.quick ?? false
    let rules = try StudyProtocol.named(command.protocolName ?? file.protocolName ?? "published")
    let tasks = try (list(command.tasks) ?? file.tasks ?? TaskCatalogue.published.map(\.name)).map {
      try TaskCatalogue.task(named: $0)
    }
    let seeds = try Self.seeds(command, file, quick: quick)
    var model = command.model
    model.layers = model.layers ?? file.layers
    model.heads = model.heads ?? file.heads
    model.dModel = model.dModel ?? file.d_model
    model.dMLP = model.dMLP ?? file.d_ff
    model.positions = model.positions ?? file.positions
    let configuration = try model.configuration(rules)
    let reduced = command.reduced || file.reduced ?? false
    let maxSteps = model.maxSteps ?? file.max_steps ?? 15_000
    plans = tasks.flatMap { task in
      seeds.map { seed in
        RunPlan(
          task: task, seed: seed, studyProtocol: rules, model: configuration,
          batchSize: model.batchSize ?? file.batch_size ?? 64,
          maxSteps: quick ? min(maxSteps, Self.quickSteps) : maxSteps,
          learningRate: model.learningRate ?? file.learning_rate ?? 1e-3, quick: quick,
          reduced: reduced)
      }
    }
    guard !plans.isEmpty else { throw UsageError("nothing to do: no task or no seed") }
    guard Set(tasks.map(\.name)).count == tasks.count else {
      throw UsageError("a task is named twice in \(tasks.map(\.name).joined(separator: ", "))")
    }
    guard Set(seeds).count == seeds.count else { throw UsageError("a seed is named twice in \(seeds)") }
    for plan in plans { try plan.validate() }
    let wanted = command.device ?? file.device
    device = wanted ?? "auto"
    ensemble = try EnsembleSize(command.ensemble ?? file.ensemble ?? "auto")
    // One folder holds runs of one protocol and one device.
    let name = [
      rules.name, quick ? "quick" : nil, reduced ? "reduced" : nil,
      wanted?.replacingOccurrences(of: ":", with: "-"),
    ]
    .compactMap { $0 }.joined(separator: "-")
    output = URL(fileURLWithPath: command.output ?? file.output ?? "results/\(name)")
  }

  private static func seeds(_ command: StudyCommand, _ file: StudyFile, quick: Bool) throws -> [Int] {
    if let text = list(command.seeds) {
      if command.seedCount != nil { throw UsageError("--seeds and --seed-count exclude each other") }
      return try text.map { word in
        guard let seed = Int(word) else { throw UsageError("'\(word)' is no seed; seeds are whole numbers") }
        return seed
      }
    }
    if file.seeds != nil, file.seed_count != nil {
      throw UsageError("seeds and seed_count exclude each other")
    }
    if let count = command.seedCount ?? (file.seeds == nil ? file.seed_count : nil) {
      guard (1...1000).contains(count) else { throw UsageError("a seed count of \(count); use 1 to 1000") }
      let further = (0..<max(0, count - paperSeeds.count)).map { 7070 + 1010 * $0 }
      return Array((paperSeeds + further).prefix(count))
    }
    return file.seeds ?? (quick ? [42] : paperSeeds)
  }
}

/// A study's YAML file: the flags' names with underscores.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct StudyFile: Decodable {
  var quick, reduced: Bool?
  var tasks: [String]?
  var seeds: [Int]?
  var seed_count: Int?
  var protocolName: String?
  var layers, heads, d_model, d_ff: Int?
  var positions: String?
  var batch_size, max_steps: Int?
  var learning_rate: Double?
  var device: String?
  var ensemble: String?
  var output: String?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case quick, reduced, tasks, seeds, seed_count
    case protocolName = "protocol"
    case layers, heads, d_model, d_ff, positions, batch_size, max_steps, learning_rate, device, ensemble,
      output
  }

  init() {}

  /// - Throws: `UsageError` that names the file and what is wrong in it.
  init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UsageError("the configuration \(path) can't be read")
    }
    let text = String(decoding: data, as: UTF8.self)
    let known = CodingKeys.allCases.map(\.rawValue)
    do {
      guard let content = try Yams.load(yaml: text) else { return }
      guard let options = content as? [String: Any] else { throw UsageError("it is no list of KEY: VALUE") }
      for key in options.keys.sorted() where !known.contains(key) {
        throw UsageError("'\(key)' is no option; the options are \(known.joined(separator: ", "))")
      }
      self = try YAMLDecoder().decode(StudyFile.self, from: text)
    } catch {
      throw UsageError("the configuration \(path): \(Self.explain(error))")
    }
  }

  private static func explain(_ error: any Error) -> String {
    guard case DecodingError.typeMismatch(let type, let context) = error else { return "\(error)" }
    let place = context.codingPath.map(\.stringValue).joined(separator: ".")
    return "\(place) is not of type \(type)"
  }
}

private func list(_ text: String?) -> [String]? {
  text?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
}
