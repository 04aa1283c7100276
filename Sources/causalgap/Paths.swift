import AtomicFile
import Foundation

/// The file or folder that an option or an argument names.
///
/// - Parameter option: the option as a user writes it, such as `--output`, for messages.
/// - Throws: `UsageError` for an invalid path: an empty one, for example from an unset variable, or one that
///   this program could only use under another name.
func path(_ text: String, _ option: String) throws -> URL {
  guard !text.isEmpty else {
    throw UsageError("\(option) is empty; name a file or a folder, '.' for the current one")
  }
  guard !text.utf8.contains(0) else {
    throw UsageError("\(option) contains a zero byte; choose another name")
  }
  if !text.hasPrefix("/"), !isCurrentFolderUTF8() {
    throw UsageError(
      "\(option) \(text) is relative to a current folder whose name is not UTF-8; name it from the root, or "
        + "work in another folder")
  }
  return URL(fileURLWithPath: text)
}

/// Whether the name of the current folder is UTF-8. Foundation replaces other bytes, which would make another
/// name.
private func isCurrentFolderUTF8() -> Bool {
  guard let name = getcwd(nil, 0) else { return true }
  defer { free(name) }
  return String(validatingCString: name) != nil
}

/// Checks the program's arguments.
///
/// - Throws: `UsageError` for an argument that is not UTF-8, because its original text is lost.
func requireUTF8Arguments() throws {
  for index in 1..<max(1, Int(CommandLine.argc)) {
    guard let argument = CommandLine.unsafeArgv[index] else { continue }
    guard String(validatingCString: argument) == nil else { continue }
    let shown = String(cString: argument)
    throw UsageError(
      "argument \(index), which reads '\(shown)', is not UTF-8; rename the file, or reach it by a symbolic link"
    )
  }
}
