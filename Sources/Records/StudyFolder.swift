import Foundation

/// Where a study keeps its files: one configuration, any tasks and seeds. A value: making one touches nothing.
public struct StudyFolder: Sendable, Equatable {
  public let url: URL

  public init(_ url: URL) {
    self.url = url
  }

  public var runs: URL { url.appendingPathComponent("runs", isDirectory: true) }
  public var summary: URL { url.appendingPathComponent("summary.json") }
  public var tables: URL { url.appendingPathComponent("tables", isDirectory: true) }
  public var figures: URL { url.appendingPathComponent("figures", isDirectory: true) }
  public var report: URL { url.appendingPathComponent("report.html") }
  var lockFile: URL { url.appendingPathComponent(".lock") }

  /// The folder of one run, `runs/<task>/seed-<seed>`.
  public func run(task: String, seed: Int) -> URL {
    runs.appendingPathComponent(task, isDirectory: true)
      .appendingPathComponent("seed-\(seed)", isDirectory: true)
  }

  public func record(task: String, seed: Int) -> URL {
    run(task: task, seed: seed).appendingPathComponent("run.json")
  }

  public func trainingLog(task: String, seed: Int) -> URL {
    run(task: task, seed: seed).appendingPathComponent("train.csv")
  }

  public func checkpoint(task: String, seed: Int) -> URL {
    run(task: task, seed: seed).appendingPathComponent("model.safetensors")
  }
}
