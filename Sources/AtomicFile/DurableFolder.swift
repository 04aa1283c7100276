import Foundation

/// Makes a folder and its parents if they are missing, so that they survive a loss of power: each is known to the disk
/// before anything is written into it.
///
/// The parents of a folder that exists already are flushed, too, up to the root of the file system. An earlier process
/// may have made them and been killed before it could do so.
///
/// - Throws: `AtomicFileError`, naming the folder.
package func makeDurableFolder(at url: URL) throws(AtomicFileError) {
  var missing: [String] = []
  var place = url.path
  while !exists(place) {
    missing.append(place)
    let parent = splitPath(place).folder
    guard parent != place else { break }
    place = parent
  }
  for folder in missing.reversed() {
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
      throw AtomicFileError(path: url.path, step: .makeFolder, code: errno)
    }
    try flushFolder(splitPath(folder).folder, path: url.path)
  }
  try flushParents(of: place, path: url.path)
}

private func exists(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 || errno != ENOENT
}

/// - Parameter path: What is being made, for errors.
private func flushParents(of folder: String, path: String) throws(AtomicFileError) {
  guard let device = deviceNumber(of: folder) else { return }
  var place = folder
  while place != "/", place != "." {
    place = splitPath(place).folder
    guard deviceNumber(of: place) == device else { return }
    try flushFolder(place, path: path)
  }
}

/// Which file system a path is on.
private func deviceNumber(of path: String) -> dev_t? {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_dev : nil
}
