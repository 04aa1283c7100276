/// Says how many parts of a phase are done, and how many of them were kept from an earlier run and took no time.
struct PartProgress {
  private let count: Int
  private let supervisor: Supervisor
  private var (done, kept) = (0, 0)

  init(count: Int, _ supervisor: Supervisor) {
    self.count = count
    self.supervisor = supervisor
  }

  /// Begins the next part.
  ///
  /// - Throws: `StudyError.interrupted`.
  mutating func begin(isKept: Bool) throws {
    try supervisor.checkStop()
    supervisor.report(.part(done, of: count, kept: kept))
    done += 1
    if isKept { kept += 1 }
  }
}
