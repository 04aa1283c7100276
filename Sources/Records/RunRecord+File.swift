import AtomicFile
import Foundation

extension RunRecord {
  /// Reads a record and checks that this version understands it.
  /// - Throws: `RecordError` that names the file: `.unreadable`, `.damaged` or `.unknownSchema`.
  package static func read(from url: URL) throws -> RunRecord {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw RecordError.unreadable(file: url.path, reason: systemReason(error))
    }
    do {
      // The schema comes first, because a record with another layout is not a damaged record.
      let found = try RecordCoding.decode(SchemaOnly.self, from: data).schema
      guard found == currentSchema else {
        throw RecordError.unknownSchema(file: url.path, found: found, known: currentSchema)
      }
      return try RecordCoding.decodeChecked(RunRecord.self, from: data)
    } catch let error as DecodingError {
      throw RecordError.damaged(file: url.path, reason: RecordCoding.explain(error))
    }
  }

  /// Writes the record whole or not at all, with a checksum. The folder must exist.
  package func write(to url: URL) throws {
    try writeAtomically(RecordCoding.encodeWithChecksum(self), to: url)
  }

  private struct SchemaOnly: Decodable {
    var schema: Int
  }
}
