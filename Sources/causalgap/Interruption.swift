import Foundation
import Synchronization

/// Ctrl-C asks the run to stop after its current step and to keep its work; a second one ends the program.
enum Interruption {
  private static let requested = Atomic<Bool>(false)

  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  static func listen() {
    // The process that started us may have blocked these signals, and a child inherits that.
    var heard = sigset_t()
    sigemptyset(&heard)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&heard, number) }
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if Interruption.requested.exchange(true, ordering: .relaxed) {
          _exit(130)
        }
      }
    }
    // The terminal has gone. It may say so more than once, and after a Ctrl-C: that is no impatience. Where `nohup` had
    // it ignored, it stays so.
    var before = sigaction()
    guard sigaction(SIGHUP, nil, &before) == 0, !isIgnored(before) else { return }
    signal(SIGHUP) { _ in Interruption.requested.store(true, ordering: .relaxed) }
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Turns what would end the program into errors of the call that caused them: a reader that has gone, a file as large
  /// as files may become.
  static func ignoreFatalWrites() {
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
  }
}
