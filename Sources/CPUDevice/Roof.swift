import CPUKernelTable
import Compute

extension CPUDevice: RoofMeasurable {
  package var multiplyAddForms: Int { 1 }

  package func multiplyAdds(rounds: Int, form: Int) throws -> Double {
    // More tasks than threads, so that a thread that wakes up late leaves its share to the others.
    let tasks = 8 * pool.threadCount
    let results = sharedScratch.reserve(tasks)
    pool.run(tasks) { task, _ in results[task] = kernels.multiplyAdds(rounds, 0.5) }
    return Double(tasks) * Double(rounds) * Double(kernels.multiplyAddsPerRound)
  }

  package func triad(left: any Buffer, right: any Buffer, scale: Float, output: any Buffer) throws {
    let name = "triad"
    guard left.count == output.count, right.count == output.count else {
      throw ComputeError.invalid(
        name, "buffers of \(left.count), \(right.count) and \(output.count) elements")
    }
    let (l, r) = (try floats(left, in: name), try floats(right, in: name))
    let o = try floats(output, in: name)
    let span = 1 << 16
    pool.run((output.count + span - 1) / span) { task, _ in
      let first = task * span
      kernels.triad(
        TriadSpan(
          left: l + first, right: r + first, output: o + first, scale: scale,
          count: min(span, output.count - first)))
    }
  }
}
