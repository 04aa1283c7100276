/// What can go wrong between the program and a study's files; each case is one line for the user.
package enum RecordError: Error, Equatable, CustomStringConvertible {
  /// A file that should hold a record or a log holds something else.
  case damaged(file: String, reason: String)
  /// A record written by a version of the program with another layout.
  case unknownSchema(file: String, found: Int, known: Int)
  /// The file is there but can't be read, or isn't there at all.
  case unreadable(file: String, reason: String)
  /// A file can't be written.
  case unwritable(file: String, reason: String)
  /// A study folder can't be made, listed or written to.
  case folder(path: String, reason: String)
  /// Another process works in the folder.
  case locked(folder: String, process: Int?)
  /// A lock file says that another process works in the folder, and whether it still runs can't be told.
  case claimed(folder: String, holder: String, file: String)

  package var description: String {
    switch self {
    case .damaged(let file, let reason):
      "\(file) is damaged (\(reason)): delete \(file) or choose another folder"
    case .unknownSchema(let file, let found, let known):
      "\(file) has schema \(found), this version knows \(known): delete \(file) or choose another folder"
    case .unreadable(let file, let reason):
      "can't read \(file): \(reason)"
    case .unwritable(let file, let reason):
      "can't write \(file): \(reason)"
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
