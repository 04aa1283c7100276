import Foundation

/// Why a file could not be written whole.
package struct AtomicFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The step that failed.
  package enum Step: String, Sendable {
    case followLink = "follow its symbolic links"
    case openStream = "open it"
    case open = "create a temporary file beside it"
    case write = "write its bytes"
    case flush = "flush it to the disk"
    case rename = "rename the temporary file to it"
    case flushFolder = "flush its folder to the disk"
    case makeFolder = "make the folder"
  }

  /// The file that should have been written.
  package let path: String
  package let step: Step
  /// The system's error number.
  package let code: Int32

  package init(path: String, step: Step, code: Int32) {
    self.path = path
    self.step = step
    self.code = code
  }

  package var description: String {
    let advice =
      switch code {
      case ENOENT: "; create the folder first"
      case EACCES, EPERM, EROFS: "; choose a folder that you may write to"
      case ENOSPC, EDQUOT: "; free some space, or choose another disk"
      case EISDIR, ENOTDIR, ELOOP: "; choose another name"
      case ENXIO: "; start what reads from it first"
      case EPIPE: "; what read from it has ended"
      default: ""
      }
    return "cannot write '\(path)': could not \(step.rawValue): \(String(cString: strerror(code)))\(advice)"
  }
}
