import Compute

extension OperationSuite {
  /// Zeros, writes, reads and copies: work that a driver does without our kernels. Every bound is 0. `bench`
  /// does not time these cases.
  static let memory = OperationDescriptor(
    "memory", quick: [zeros, writes, copies, integerCopies, constants], thorough: [], benchmarks: [])

  /// A new buffer has zeros, even if its memory held something else before.
  private static let zeros = OperationCase(
    operation: "memory", shape: "zeros after other values", flops: 0, elements: 1000
  ) { bench in
    let count = 1000
    for _ in 0..<2 {
      var used: [any Buffer] = []
      for _ in 0..<16 { used.append(try bench.device.makeBuffer([Float](repeating: .nan, count: count))) }
      try bench.device.synchronize()
    }
    for index in 0..<16 { try bench.zeros("zeros \(index)", count: count) }
    return {}
  }

  /// Short and long writes at offsets, because a device may treat them differently.
  private static let writes = OperationCase(
    operation: "memory", shape: "writes of 1, 40 and 70000", flops: 0, elements: 70_041
  ) { bench in
    let values = (0..<70_041).map { _ in bench.generator.value() }
    let buffer = try bench.output(
      "written", values: (0..<70_100).map(Workbench.canary), live: Array(7..<70_048), bound: 0)
    return {
      try bench.device.write(Array(values[0..<1]), to: buffer, at: 7)
      try bench.device.write(Array(values[1..<41]), to: buffer, at: 8)
      try bench.device.write(Array(values[41...]), to: buffer, at: 48)
    }
  }

  /// Copies between buffers, and within one buffer with overlapping ranges.
  private static let copies = OperationCase(
    operation: "memory", shape: "copies of 93", flops: 0, elements: 2 * 93
  ) { bench in
    let source = try bench.input("source", Block(rows: [0], extent: 1, columns: 93, .odd))
    let target = try bench.output(
      "copied", values: (0..<200).map(Workbench.canary), live: Array(5..<98), bound: 0)
    // Elements 10..<103 move one place to the right. Element 10 keeps its value.
    let shifted = try bench.output(
      "copied within", values: (0..<200).map(Workbench.canary), live: Array(11..<104), bound: 0)
    return {
      try bench.device.copy(from: source, 1..<94, to: target, at: 5)
      try bench.device.copy(from: shifted, 10..<103, to: shifted, at: 11)
    }
  }

  /// Constants of several lengths, made again and again while gathers that read the former ones may still wait.
  private static let constants = OperationCase(
    operation: "memory", shape: "9 constants of 1 to 93", flops: 0, elements: 9 * 93
  ) { bench in
    let lists = (0..<9).map { bench.generator.distinctIndices([1, 40, 93][$0 % 3], below: 93) }
    let input = try bench.input("input", .rows(93), columns: 3, .plain)
    let outputs = try lists.indices.map { place in
      try bench.output("gathered \(place)", .rows(lists[place].count), columns: 3, .plain, bound: 0)
    }
    return {
      for (list, output) in zip(lists, outputs) {
        let indices = try bench.device.makeConstant(list)
        try bench.device.gatherRows(
          GatherRows(input: input, indices: indices, output: output, count: list.count))
      }
    }
  }

  /// Integers that are written and copied, checked by a gather.
  private static let integerCopies = OperationCase(
    operation: "memory", shape: "integers of 40 rows", flops: 0, elements: 40
  ) { bench in
    let indices = bench.generator.distinctIndices(40, below: 93)
    let written = try bench.device.makeBuffer(count: 44, .int32)
    let copied = try bench.device.makeBuffer(count: 50, .int32)
    let operation = GatherRows(
      input: try bench.input("input", .rows(93), columns: 3, .plain), indices: copied,
      output: try bench.output("gathered", .rows(40), columns: 3, .plain, bound: 0), count: 40)
    return {
      try bench.device.write(indices, to: written, at: 2)
      try bench.device.copy(from: written, 2..<42, to: copied, at: 0)
      try bench.device.gatherRows(operation)
    }
  }
}
