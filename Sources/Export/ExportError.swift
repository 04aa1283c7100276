import Errors

/// Why a report could not be written in another program's form.
package enum ExportError: ExitCoded, Equatable, CustomStringConvertible {
  /// Something is there that this program did not make.
  case occupied(path: String)
  case database(path: String, reason: String)

  package var exitCode: ProgramExit {
    switch self {
    case .occupied: .usage
    case .database: .failed
    }
  }

  package var description: String {
    switch self {
    case .occupied(let path):
      "\(path) exists and was not made by causalgap; delete it or choose another name"
    case .database(let path, let reason): "can't write the database \(path): \(reason)"
    }
  }
}
