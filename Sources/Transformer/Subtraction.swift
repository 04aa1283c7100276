import Compute

extension Device {
  /// Queues `output = left − right`. The output may be the right matrix; it must not be the left one.
  package func subtract(_ right: Matrix, from left: Matrix, into output: Matrix, count: Int) throws {
    try scale(Scale(input: right, factor: -1, output: output, count: count))
    try add(Add(left: left, right: output, output: output, count: count))
  }
}

extension Matrix {
  /// A view of the matrix that begins at a row.
  package func from(row: Int) -> Matrix {
    Matrix(buffer, columns: columns, offset: offset + row * stride, stride: stride)
  }
}
