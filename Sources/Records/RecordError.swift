import Errors

/// Errors in the files of a study. Each message is one line for the user.
package enum RecordError: Error, Equatable, CustomStringConvertible {
  /// A file that should contain a record or a log contains something else.
  case damaged(file: String, reason: String)
  /// A record was written by a version of the program with another schema.
  case unknownSchema(file: String, found: Int, known: Int)
  /// The record of another run lies in a run's folder.
  case otherRun(file: String, found: String, expected: String)
  /// The file cannot be read or does not exist.
  case unreadable(file: String, reason: String)
  /// A file cannot be written.
  case unwritable(file: String, reason: String)
  /// A study folder cannot be made, listed or written to.
  case folder(path: String, reason: String)
  /// An environment variable has a value that means nothing.
  case setting(String)
  /// Another process is using the folder.
  case locked(folder: String, process: Int?)
  /// A lock file names another process, and it is unknown whether that process is still running.
  case claimed(folder: String, holder: String, file: String)

  package var description: String { message.singleLine }

  private var message: String {
    switch self {
    case .damaged(let file, let reason):
      "\(file) is damaged (\(reason)): delete \(file) or choose another folder"
    case .unknownSchema(let file, let found, let known):
      "\(file) has schema \(found), this version knows \(known): delete \(file) or choose another folder"
    case .otherRun(let file, let found, let expected):
      "\(file) is the record of \(found), in the folder of \(expected): move it where it belongs, or delete \(file)"
    case .unreadable(let file, let reason):
      "can't read \(file): \(reason)"
    case .unwritable(let file, let reason):
      "can't write \(file): \(reason)"
    case .setting(let reason): reason
    case .folder(let path, let reason):
      "can't use the folder \(path): \(reason)"
    case .locked(let folder, let process):
      "the folder \(folder) is in use by another run\(process.map { " (process \($0))" } ?? ""): "
        + "wait for it or choose another folder"
    case .claimed(let folder, let holder, let file):
      "the folder \(folder) is in use by another run (\(holder)): wait for it or choose another folder; "
        + "if that run has ended, delete \(file)"
    }
  }
}
