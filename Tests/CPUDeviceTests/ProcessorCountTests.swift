import Foundation
import Testing

@testable import CPUDevice

@Suite("Processors that the process may use") struct ProcessorCountTests {
  /// `sched_setaffinity`, which Swift does not import.
  private typealias SetAffinity = @convention(c) (Int32, Int, UnsafeRawPointer) -> Int32

  @Test("threads follow the affinity mask, not the number of processors")
  func affinity() async throws {
    let symbol = try #require(dlsym(nil, "sched_setaffinity"))
    let setAffinity = unsafeBitCast(symbol, to: SetAffinity.self)
    // The mask belongs to a thread, so a separate thread does not restrict any other.
    let counts: [Int] = await withCheckedContinuation { continuation in
      Thread {
        for processor in 0..<1024 {
          var mask = [UInt64](repeating: 0, count: 16)
          mask[processor / 64] = 1 << (processor % 64)
          if setAffinity(0, 128, mask) == 0 { break }
        }
        continuation.resume(
          returning: [ProcessorCount.available(), CPUDevice.describe(variant: nil).computeUnits])
      }.start()
    }
    #expect(counts == [1, 1])
  }

  @Test("all ranges of an affinity mask are read")
  func masks() {
    func allowed(_ list: String) -> [Int]? {
      ProcessorCount.allowedProcessors { _ in "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t\(list)\n" }
    }
    #expect(allowed("0-1") == [0, 1])
    #expect(allowed("3") == [3])
    #expect(allowed("0-2,8,64-65") == [0, 1, 2, 8, 64, 65])
    for list in ["", "2-1", "x", "1-"] { #expect(allowed(list) == nil, "\(list)") }
    #expect(ProcessorCount.allowedProcessors { _ in nil } == nil)
  }

  @Test("a given number of threads is used, and a description makes no device")
  func threads() {
    #expect(CPUDevice.describe(variant: .baseline, threads: 7).computeUnits == 7)
    #expect(CPUDevice.describe(variant: nil, threads: 0).computeUnits == 1)
    #expect(CPUDevice.describe(variant: .v3).selector == "cpu:x86-64-v3")
    #expect(CPUDevice.describe(variant: .v3).driver == "x86-64-v3")
  }

  @Test("the quota of a control group counts, and so do those of its parents")
  func quota() {
    func granted(_ files: [String: String]) -> Double? { ProcessorCount.grantedProcessors { files[$0] } }
    #expect(granted([:]) == nil)
    #expect(granted(["/proc/self/cgroup": "1:cpu:/a\n"]) == nil)
    let own = "12:pids:/\n0::/slurm/job\n"
    #expect(granted(["/proc/self/cgroup": own]) == nil)
    #expect(
      granted(["/proc/self/cgroup": own, "/sys/fs/cgroup/slurm/job/cpu.max": "max 100000\n"]) == nil)
    #expect(
      granted([
        "/proc/self/cgroup": own, "/sys/fs/cgroup/slurm/job/cpu.max": "350000 100000\n",
        "/sys/fs/cgroup/slurm/cpu.max": "150000 100000\n",
      ]) == 1.5)
    #expect(granted(["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "50000 100000"]) == 0.5)
  }
}
