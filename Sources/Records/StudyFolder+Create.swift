import AtomicFile
import Foundation

extension StudyFolder {
  /// Makes the folder and its parents if they are missing, so that they survive a loss of power, and checks that files can be written there.
  /// - Throws: `RecordError.folder`, whose message names the folder.
  package func create() throws {
    try Self.create(url)
  }

  /// Makes a folder in the same way and with the same errors, whatever its purpose.
  package static func create(_ folder: URL) throws {
    _ = try exists(folder)
    do {
      try makeDurableFolder(at: folder)
    } catch {
      let step = error.step == .makeFolder ? "" : "could not \(error.step.rawValue): "
      throw RecordError.folder(path: folder.path, reason: step + systemReason(errno: error.code))
    }
    if let reason = reasonNotToWrite(to: folder) {
      throw RecordError.folder(path: folder.path, reason: reason)
    }
  }

  /// Whether a folder already exists. The check changes nothing, so it can run before a long computation.
  ///
  /// - Throws: `RecordError.folder` if a file is in the place of the folder or of one of its parents.
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

  /// The reason why files cannot be written to an existing folder; nil if they can.
  package static func reasonNotToWrite(to folder: URL) -> String? {
    access(folder.path, W_OK | X_OK) == 0
      ? nil : errno == EROFS ? "its file system is read-only" : "it is not writable"
  }
}
