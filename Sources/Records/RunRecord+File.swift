import AtomicFile
import Foundation

extension RunRecord {
  /// Reads a record and checks that this version understands it.
  /// - Throws: `RecordError` that names the file: `.unreadable`, `.damaged` or `.unknownSchema`.
  package static func read(from url: URL) throws -> RunRecord {
    return try RunRecord(json: fileContents(url), file: url.path)
  }

  /// Reads a record from the text of a file.
  ///
  /// - Parameter file: the path, for messages.
  /// - Throws: `RecordError.damaged` or `.unknownSchema`.
  package init(json data: Data, file: String) throws {
    do {
      self = try RecordCoding.decodeChecked(RunRecord.self, from: data)
    } catch let error as DecodingError {
      // A record with another layout is not a damaged record.
      do {
        try Self.checkSchema(RecordCoding.decode(SchemaOnly.self, from: data).schema, file)
      } catch let error as DecodingError {
        throw RecordError.damaged(file: file, reason: RecordCoding.explain(error))
      }
      throw RecordError.damaged(file: file, reason: RecordCoding.explain(error))
    }
    try Self.checkSchema(schema, file)
  }

  /// Writes the record whole or not at all, with a checksum. The folder must exist.
  package func write(to url: URL) throws {
    try writeAtomically(RecordCoding.encodeWithChecksum(self), to: url)
  }

  private static func checkSchema(_ found: Int, _ file: String) throws {
    guard found == currentSchema else {
      throw RecordError.unknownSchema(file: file, found: found, known: currentSchema)
    }
  }

  private struct SchemaOnly: Decodable {
    var schema: Int
  }
}
