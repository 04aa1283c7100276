import Foundation

/// The right of one process to work on one run, held until the value is released or the process ends, however that ends.
///
/// It is the lock of the run's own folder, so that studies, sweeps and single trainings respect one another.
package final class RunClaim: Sendable {
  private let lock: FolderLock
  private let folder: StudyFolder

  /// What an attempt to take a run finds.
  package enum Attempt: Sendable {
    case taken(RunClaim)
    /// Another process has the run; who it is, as far as that is known.
    case held(by: String)
  }

  private init(_ lock: FolderLock, _ folder: StudyFolder) {
    self.lock = lock
    self.folder = folder
  }

  /// Tries to take a run. It never waits.
  ///
  /// - Parameter run: the folder of the run; it is made if it is missing.
  /// - Throws: `RecordError.folder` where the folder can't be made or locked.
  package static func take(_ run: URL) throws -> Attempt {
    let folder = StudyFolder(run)
    do {
      return .taken(RunClaim(try folder.lock(), folder))
    } catch RecordError.locked(_, let process) {
      return .held(by: process.map { "process \($0)" } ?? "another process")
    } catch RecordError.claimed(_, let holder, _) {
      return .held(by: holder)
    }
  }

  /// Whether another process has taken the run over, because it took this one for dead: a machine that was suspended
  /// wakes up like that. What was computed must not be written then.
  package var isLost: Bool { lock.isLost }

  /// Removes the file of the lock, once the run has its record: who comes later finds the record.
  package func removeFile() { unlink(folder.lockFile.path) }
}

extension StudyFolder {
  /// Whether a process is working on the run of a folder now.
  ///
  /// - Throws: `RecordError.folder` where that can't be found out.
  package static func isHeld(run: URL) throws -> Bool {
    let folder = StudyFolder(run)
    guard
      try FileKind.of(folder.lockFile) != nil || FileKind.of(LockClaim.file(of: folder)) != nil
    else { return false }
    if case .held = try RunClaim.take(run) { return true }
    return false
  }
}
