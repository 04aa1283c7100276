import Foundation

/// The bytes of a file.
///
/// - Throws: `RecordError.unreadable`, which names the file and the system's reason.
package func fileContents(_ url: URL) throws(RecordError) -> Data {
  do {
    return try Data(contentsOf: url)
  } catch {
    throw .unreadable(file: url.path, reason: systemReason(error))
  }
}
