import Foundation
import Records

/// Processors that this process keeps for its workers: no other sweep of this machine's user computes on them.
///
/// Each has a lock of the operating system, which ends with the process.
final class ProcessorLocks {
  /// Those that no other sweep has.
  let processors: Processors
  private let descriptors: [Int32]

  /// - Parameters:
  ///   - wanted: those that this process may use.
  ///   - folder: where the locks are; all sweeps of a machine use one.
  init(_ wanted: Processors, in folder: URL = ProcessorLocks.folder) {
    guard (try? StudyFolder.create(folder)) != nil else {
      // Without a place for locks, nobody can be asked.
      (processors, descriptors) = (wanted, [])
      return
    }
    var (free, descriptors): ([Int], [Int32]) = ([], [])
    for number in wanted.numbers {
      let descriptor = open(
        folder.appendingPathComponent("processor-\(number)").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        free.append(number)
        continue
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        close(descriptor)
      } else {
        free.append(number)
        descriptors.append(descriptor)
      }
    }
    processors = Processors(free)
    self.descriptors = descriptors
  }

  deinit { for descriptor in descriptors { close(descriptor) } }

  private static var folder: URL {
    let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"].flatMap {
      $0.hasPrefix("/") ? $0 : nil
    }
    return URL(fileURLWithPath: runtime ?? "/tmp", isDirectory: true)
      .appendingPathComponent("causalgap-\(getuid())", isDirectory: true)
  }
}
