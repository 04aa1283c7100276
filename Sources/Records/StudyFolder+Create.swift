import Foundation

extension StudyFolder {
  /// Makes the folder and its parents if they are missing, and checks that files can be written there.
  /// - Throws: `RecordError.folder`, whose message names the folder.
  package func create() throws {
    try Self.create(url)
  }

  /// Makes any folder in the same way, with the same errors.
  package static func create(_ folder: URL) throws {
    if try !exists(folder) {
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      } catch {
        throw RecordError.folder(path: folder.path, reason: systemReason(error))
      }
    }
    if let reason = reasonNotToWrite(to: folder) {
      throw RecordError.folder(path: folder.path, reason: reason)
    }
  }

  /// Whether a folder is there already. Changes nothing, for checks before long work.
  ///
  /// - Throws: `RecordError.folder` where something else is in its place, or above it.
  package static func exists(_ folder: URL) throws -> Bool {
    var place = folder.path
    while true {
      do {
        switch try FileKind.of(URL(fileURLWithPath: place)) {
        case .folder: return place == folder.path
        case nil: break
        case .file, .other:
          let subject = place == folder.path ? "it" : place
          throw RecordError.folder(path: folder.path, reason: "\(subject) is a file, not a folder")
        }
      } catch RecordError.unreadable(_, let reason) {
        throw RecordError.folder(path: folder.path, reason: reason)
      }
      guard let slash = place.lastIndex(of: "/"), place != "/" else { return false }
      place = slash == place.startIndex ? "/" : String(place[..<slash])
    }
  }

  /// Why files can't be written to an existing folder; nil where they can.
  package static func reasonNotToWrite(to folder: URL) -> String? {
    access(folder.path, W_OK | X_OK) == 0
      ? nil : errno == EROFS ? "its file system is read-only" : "it is not writable"
  }
}
