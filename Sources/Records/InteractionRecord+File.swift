import AtomicFile
import Foundation
import Statistics

extension InteractionRecord {
  /// Reads a record, and checks that this version understands it and that it is whole.
  ///
  /// - Throws: `RecordError` that names the file: `.unreadable`, `.damaged` or `.unknownSchema`.
  package static func read(from url: URL) throws -> InteractionRecord {
    let data = try fileContents(url)
    let record: InteractionRecord
    do {
      record = try RecordCoding.decodeChecked(InteractionRecord.self, from: data)
    } catch let error as DecodingError {
      throw RecordError.damaged(file: url.path, reason: RecordCoding.explain(error))
    }
    guard record.schema == currentSchema else {
      throw RecordError.unknownSchema(file: url.path, found: record.schema, known: currentSchema)
    }
    if let reason = record.reasonWhyDamaged { throw RecordError.damaged(file: url.path, reason: reason) }
    return record
  }

  /// Writes the record whole or not at all, with a checksum. The folder must exist.
  package func write(to url: URL) throws {
    try writeAtomically(RecordCoding.encodeWithChecksum(self), to: url)
  }

  /// What contradicts itself in the record; nil if nothing does.
  private var reasonWhyDamaged: String? {
    for game in games {
      for worths in game.worths {
        for half in [worths.first, worths.second]
        where !(1...CoalitionGame.mostPlayers).contains(game.players.count)
          || half.count != 1 << game.players.count
        {
          return "the game \(game.name) has \(half.count) worths for \(game.players.count) players"
        }
      }
    }
    guard interpolation.growth.count == interpolation.components.count,
      interpolation.growth.allSatisfy({ $0.count == interpolation.shares.count })
    else { return "its interpolation does not have one value for each component and share" }
    return nil
  }
}

extension StudyFolder {
  /// The record of how a run's components act together, `interactions.json`.
  package func interactions(task: String, seed: Int) -> URL {
    run(task: task, seed: seed).appendingPathComponent("interactions.json")
  }

  /// That record; nil if it was not measured.
  ///
  /// - Throws: as `InteractionRecord.read`; `RecordError.otherRun` for a record of another run.
  package func readInteractions(task: String, seed: Int) throws -> InteractionRecord? {
    let file = interactions(task: task, seed: seed)
    guard try FileKind.of(file) != nil else { return nil }
    let record = try InteractionRecord.read(from: file)
    guard (record.task, record.seed) == (task, seed) else {
      throw RecordError.otherRun(
        file: file.path, found: "\(record.task), seed \(record.seed)", expected: "\(task), seed \(seed)")
    }
    return record
  }
}
