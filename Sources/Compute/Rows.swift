/// `output[i] = input[indices[i]]` for i in `0..<count`.
package struct GatherRows {
  package static let name = "gather_rows"

  package var input: Matrix
  /// int32 [count], each a row of `input`.
  package var indices: any Buffer
  package var output: Matrix
  package var count: Int

  package init(input: Matrix, indices: any Buffer, output: Matrix, count: Int) {
    self.input = input
    self.indices = indices
    self.output = output
    self.count = count
  }

  package func validate() throws {
    try checkIndices(indices, "indices", count: count, in: Self.name)
    try input.check("input", rows: count > 0 ? 1 : 0, columns: output.columns, in: Self.name)
    try output.check("output", rows: count, in: Self.name)
  }
}

/// `output[indices[i]] += input[i]` for i in `0..<count`; the caller makes sure that all indices differ.
package struct ScatterRows {
  package static let name = "scatter_rows"

  package var input: Matrix
  /// int32 [count], each a row of `output`.
  package var indices: any Buffer
  package var output: Matrix
  package var count: Int

  package init(input: Matrix, indices: any Buffer, output: Matrix, count: Int) {
    self.input = input
    self.indices = indices
    self.output = output
    self.count = count
  }

  package func validate() throws {
    try checkIndices(indices, "indices", count: count, in: Self.name)
    try input.check("input", rows: count, in: Self.name)
    try output.check("output", rows: count > 0 ? 1 : 0, columns: input.columns, in: Self.name)
  }
}

/// `output[i] = Σ_k input[members[k]]` for k in `starts[i]..<starts[i + 1]`, in that order, and i in
/// `0..<count`; zero for a row without members. It is the backward of a gather whose indices repeat.
package struct SumRows {
  package static let name = "sum_rows"

  package var input: Matrix
  /// int32 [count + 1], ascending, from 0 to at most `memberCount`.
  package var starts: any Buffer
  /// int32 [memberCount], each a row of `input`.
  package var members: any Buffer
  package var memberCount: Int
  package var output: Matrix
  package var count: Int

  package init(
    input: Matrix, starts: any Buffer, members: any Buffer, memberCount: Int, output: Matrix, count: Int
  ) {
    self.input = input
    self.starts = starts
    self.members = members
    self.memberCount = memberCount
    self.output = output
    self.count = count
  }

  package func validate() throws {
    try output.check("output", rows: count, in: Self.name)
    try checkIndices(starts, "starts", count: count + 1, in: Self.name)
    try checkIndices(members, "members", count: memberCount, in: Self.name)
    try input.check("input", rows: memberCount > 0 ? 1 : 0, columns: output.columns, in: Self.name)
  }
}

/// `output = left + right`, row by row: a residual addition that is not part of a matmul.
package struct Add {
  package static let name = "add"

  package var left: Matrix
  package var right: Matrix
  /// May equal either operand.
  package var output: Matrix
  package var count: Int

  package init(left: Matrix, right: Matrix, output: Matrix, count: Int) {
    self.left = left
    self.right = right
    self.output = output
    self.count = count
  }

  package func validate() throws {
    try left.check("left", rows: count, in: Self.name)
    try right.check("right", rows: count, columns: left.columns, in: Self.name)
    try output.check("output", rows: count, columns: left.columns, in: Self.name)
  }
}

extension GatherRows: DeviceOperation {
  package func run(on device: any Device) throws { try device.gatherRows(self) }
}

extension ScatterRows: DeviceOperation {
  package func run(on device: any Device) throws { try device.scatterRows(self) }
}

extension SumRows: DeviceOperation {
  package func run(on device: any Device) throws { try device.sumRows(self) }
}

extension Add: DeviceOperation {
  package func run(on device: any Device) throws { try device.add(self) }
}

extension ForwardingDevice {
  package func gatherRows(_ operation: GatherRows) throws { try perform(operation) }
  package func scatterRows(_ operation: ScatterRows) throws { try perform(operation) }
  package func sumRows(_ operation: SumRows) throws { try perform(operation) }
  package func add(_ operation: Add) throws { try perform(operation) }
}
