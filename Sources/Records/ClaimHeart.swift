import Foundation
import Synchronization

/// Lets all claims of this process beat, on one thread that starts with the first of them.
final class ClaimHeart: Sendable {
  static let shared = ClaimHeart()

  private struct Claim: Sendable {
    weak var claim: LockClaim?
  }

  private let claims = Mutex<(list: [Claim], isRunning: Bool)>(([], false))

  func add(_ claim: LockClaim) {
    let starts = claims.withLock { claims in
      claims.list.append(Claim(claim: claim))
      defer { claims.isRunning = true }
      return !claims.isRunning
    }
    guard starts else { return }
    let thread = Thread { [self] in
      while true {
        Thread.sleep(forTimeInterval: LockClaim.beatInterval)
        for claim in living() { claim.beat() }
      }
    }
    thread.stackSize = 1 << 18
    thread.name = "causalgap-claims"
    thread.start()
  }

  private func living() -> [LockClaim] {
    claims.withLock { claims in
      claims.list.removeAll { $0.claim == nil }
      return claims.list.compactMap(\.claim)
    }
  }
}

/// What this process has seen of other processes' claims, and since when.
final class ClaimWatch: Sendable {
  static let shared = ClaimWatch()

  private let seen = Mutex<[String: (text: Data, since: ContinuousClock.Instant)]>([:])
  private let now: @Sendable () -> ContinuousClock.Instant

  /// - Parameter now: the time; a test puts its own in the place of the system's.
  init(now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }) {
    self.now = now
  }

  /// Whether a claim has been watched for the whole of `LockClaim.patience` and did not change.
  ///
  /// - Parameter text: what the claim at `path` reads now.
  func isSilent(_ path: String, _ text: Data) -> Bool {
    let now = now()
    return seen.withLock { seen in
      guard let before = seen[path], before.text == text else {
        seen[path] = (text, now)
        return false
      }
      return now - before.since >= .seconds(LockClaim.patience)
    }
  }
}
