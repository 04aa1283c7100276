import Foundation

extension StudyFolder {
  /// Makes the folder, and those above it, where they are missing, and checks that files can be written there.
  /// - Throws: `RecordError.folder`, one line that names the folder.
  package func create() throws {
    try Self.create(url)
  }

  /// Makes any folder the same way, with the same errors.
  package static func create(_ folder: URL) throws {
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    if manager.fileExists(atPath: folder.path, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw RecordError.folder(path: folder.path, reason: "it is a file")
      }
    } else {
      do {
        try manager.createDirectory(at: folder, withIntermediateDirectories: true)
      } catch {
        throw RecordError.folder(path: folder.path, reason: systemReason(error))
      }
    }
    guard manager.isWritableFile(atPath: folder.path) else {
      throw RecordError.folder(path: folder.path, reason: "it is not writable")
    }
  }
}
