import Compute

/// Matrix products without epilogues, in the three forms of a training step. Each is repeated until a timing
/// covers about 10⁹ operations.
final class MatmulWorkload: Workload {
  private let device: any Device
  private var parts: [(name: String, repeats: Int, call: () throws -> Void)] = []

  /// Rows, K and N: the study's matmuls, then those of a GPT-2-small.
  static let shapes = [
    (1024, 128, 384), (1024, 128, 128), (1024, 128, 512), (1024, 512, 128), (1024, 128, 104),
    (512, 768, 2304), (512, 768, 768), (512, 768, 3072), (512, 3072, 768),
  ]

  init(on device: any Device) throws {
    self.device = device
    for (rows, k, n) in Self.shapes { try add(rows, k, n) }
  }

  private func add(_ rows: Int, _ k: Int, _ n: Int) throws {
    func buffer(_ count: Int) throws -> any Buffer {
      try device.makeBuffer((0..<count).map { Float($0 % 17) / 17 - 0.5 })
    }
    let device = device
    let groups = try RowGroups(rows: rows)
    let input = Matrix(try buffer(rows * k), columns: k)
    let output = Matrix(try buffer(rows * n), columns: n)
    let weight = Parameter(try buffer(k * n), rows: k, columns: n)
    let forward = Matmul(input: input, weight: weight, bias: nil, output: output, rows: groups)
    let inputGradient = MatmulInputGradient(
      outputGradient: output, weight: weight,
      inputGradient: Matrix(try device.makeBuffer(count: rows * k), columns: k), rows: groups)
    let weightGradient = MatmulWeightGradient(
      input: input, outputGradient: output,
      weightGradient: Parameter(try device.makeBuffer(count: k * n), rows: k, columns: n), rows: groups)
    let repeats = max(1, Int((1e9 / (2 * Double(rows * k * n))).rounded(.up)))
    let name = "\(rows)×\(k)→\(n)"
    parts.append(("forward \(name)", repeats, { try device.matmul(forward) }))
    parts.append(("input gradient \(name)", repeats, { try device.matmulInputGradient(inputGradient) }))
    parts.append(("weight gradient \(name)", repeats, { try device.matmulWeightGradient(weightGradient) }))
  }

  func run() throws -> WorkloadTime {
    let times = try parts.map { part in
      try device.synchronize()
      let taken = try seconds {
        for _ in 0..<part.repeats { try part.call() }
        try device.synchronize()
      }
      return (name: part.name, seconds: taken / Double(part.repeats))
    }
    return WorkloadTime(seconds: times.reduce(0) { $0 + $1.seconds }, parts: times)
  }
}
