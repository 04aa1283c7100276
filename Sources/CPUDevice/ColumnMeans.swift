import CPUKernelTable
import Compute

extension CPUDevice {
  package func columnMeans(_ operation: ColumnMeans) throws {
    try operation.validate()
    let (input, output, groups) = (operation.input, operation.output, operation.rows.groups)
    let x = try floats(input, in: ColumnMeans.name)
    let y = try floats(output, in: ColumnMeans.name)
    let width = KernelSizes.vectorWidth
    let spans = (input.columns + width - 1) / width
    pool.run(groups.count * spans) { task, _ in
      let (group, column) = (groups[task / spans], task % spans * width)
      kernels.columnMeans(
        ColumnSums(
          input: x + group.firstRow * input.stride + column, inputStride: input.stride, rows: group.count,
          columns: min(width, input.columns - column),
          output: y + task / spans * output.stride + column))
    }
  }
}
