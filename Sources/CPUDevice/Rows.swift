import CPUKernelTable
import Compute

extension CPUDevice {
  package func gatherRows(_ operation: GatherRows) throws {
    try operation.validate()
    let name = GatherRows.name
    let (input, output) = (operation.input, operation.output)
    let x = try floats(input, in: name)
    let y = try floats(output, in: name)
    let indices = try indices(
      operation.indices, count: operation.count, in: 0..<input.availableRows, "index", of: name)
    forEachRow(operation.count) { row in
      (y + row * output.stride).update(from: x + Int(indices[row]) * input.stride, count: input.columns)
    }
  }

  package func scatterRows(_ operation: ScatterRows) throws {
    try operation.validate()
    let name = ScatterRows.name
    let (input, output) = (operation.input, operation.output)
    let x = try floats(input, in: name)
    let y = try floats(output, in: name)
    let indices = try indices(
      operation.indices, count: operation.count, in: 0..<output.availableRows, "index", of: name)
    forEachRow(operation.count) { row in
      let to = y + Int(indices[row]) * output.stride
      kernels.add(AddSpan(left: to, right: x + row * input.stride, output: to, count: input.columns))
    }
  }

  package func sumRows(_ operation: SumRows) throws {
    try operation.validate()
    let name = SumRows.name
    let (input, output, memberCount) = (operation.input, operation.output, operation.memberCount)
    let x = try floats(input, in: name)
    let y = try floats(output, in: name)
    let starts = try indices(
      operation.starts, count: operation.count + 1, in: 0..<memberCount + 1, "start", of: name)
    for row in 0..<operation.count where starts[row] > starts[row + 1] {
      throw ComputeError.invalid(
        name, "start \(starts[row + 1]) at \(row + 1) is below the one before it, \(starts[row])")
    }
    let members = try indices(
      operation.members, count: memberCount, in: 0..<input.availableRows, "member", of: name)
    forEachRow(operation.count) { row in
      let (first, last) = (Int(starts[row]), Int(starts[row + 1]))
      let to = y + row * output.stride
      guard first < last else { return to.update(repeating: 0, count: output.columns) }
      to.update(from: x + Int(members[first]) * input.stride, count: output.columns)
      for member in first + 1..<last {
        let from = x + Int(members[member]) * input.stride
        kernels.add(AddSpan(left: to, right: from, output: to, count: output.columns))
      }
    }
  }

  package func add(_ operation: Add) throws {
    try operation.validate()
    let (left, right, output) = (operation.left, operation.right, operation.output)
    let a = try floats(left, in: Add.name)
    let b = try floats(right, in: Add.name)
    let c = try floats(output, in: Add.name)
    forEachRow(operation.count) { row in
      kernels.add(
        AddSpan(
          left: a + row * left.stride, right: b + row * right.stride, output: c + row * output.stride,
          count: left.columns))
    }
  }

  /// Processes rows in runs, so that each task is large enough to be worth claiming.
  func forEachRow(_ count: Int, _ body: (Int) -> Void) {
    let run = 64
    pool.run((count + run - 1) / run) { task, _ in
      for row in task * run..<min(count, (task + 1) * run) { body(row) }
    }
  }
}
