import Foundation
import Synchronization

/// Ctrl-C asks the run to stop after its current step and to keep its work. A second Ctrl-C ends the program.
enum Interruption {
  private static let requested = Atomic<Bool>(false)

  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// - Parameter patiently: whether a second request changes nothing. A worker may hear of one from its terminal, its
  ///   parent and a scheduler at once.
  static func listen(patiently: Bool = false) {
    // The process that started the program may have blocked these signals, and a child inherits the mask.
    var heard = sigset_t()
    sigemptyset(&heard)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&heard, number) }
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
    for number in [SIGINT, SIGTERM] {
      guard !patiently else {
        signal(number) { _ in Interruption.requested.store(true, ordering: .relaxed) }
        continue
      }
      signal(number) { _ in
        if Interruption.requested.exchange(true, ordering: .relaxed) {
          _exit(130)
        }
      }
    }
    // The terminal was closed. This signal may come several times, also after a Ctrl-C, and must not count as
    // a second Ctrl-C. If `nohup` made the program ignore it, it stays ignored.
    var before = sigaction()
    guard sigaction(SIGHUP, nil, &before) == 0, !isIgnored(before) else { return }
    signal(SIGHUP) { _ in Interruption.requested.store(true, ordering: .relaxed) }
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Turns signals that would end the program into errors of the call that caused them: a reader that has
  /// gone, and a file that exceeds the size limit.
  static func ignoreFatalWrites() {
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
  }
}
