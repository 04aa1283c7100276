import CPUKernelTable
import Compute

extension CPUDevice {
  package func crossEntropy(_ operation: CrossEntropy) throws {
    try operation.validate()
    let name = CrossEntropy.name
    let (logits, rows) = (operation.logits, operation.rows)
    let (rowWeight, rowLoss, rowCorrect) = (operation.rowWeight, operation.rowLoss, operation.rowCorrect)
    let x = try floats(logits, in: name)
    let targets = try indices(
      operation.targets, rows, in: Int(Int32.min)..<logits.columns, "target", of: name)
    let weight = try floats(rowWeight, in: name)
    let loss = try floats(rowLoss, in: name)
    let correct = try floats(rowCorrect, in: name)
    let gradient = try operation.logitsGradient.map { try floats($0, in: name) }
    let gradientStride = operation.logitsGradient?.stride ?? 0
    let total = try floats(operation.loss, in: name)
    let runs = tasks(rows)
    let scratch = reserveScratch(logits.columns + KernelSizes.vectorWidth)
    pool.run(runs.count) { task, worker in
      let run = runs[task]
      for row in run.firstRow..<run.firstRow + run.count {
        kernels.crossEntropy(
          CrossEntropyRow(
            logits: x + row * logits.stride, count: logits.columns, target: Int(targets[row]),
            weight: weight[row * rowWeight.stride], loss: loss + row * rowLoss.stride,
            correct: correct + row * rowCorrect.stride, gradient: gradient.map { $0 + row * gradientStride },
            scratch: scratch[worker]))
      }
    }
    for group in rows.models {
      // A sum in double precision is as accurate as a compensated one.
      var sum = 0.0
      for row in group.firstRow..<group.firstRow + group.count where targets[row] >= 0 {
        sum += Double(weight[row * rowWeight.stride]) * Double(loss[row * rowLoss.stride])
      }
      total[group.model * operation.loss.modelStride] = Float(sum)
    }
  }
}
