import CPUKernelTable
import Foundation

extension VariantKernels {
  /// The loss, correctness and gradient of one row. The exponentials of the row are kept in scratch until
  /// their sum is known.
  package static func crossEntropy(_ task: CrossEntropyRow) {
    let (logits, count) = (task.logits, task.count)
    guard task.target >= 0 else {
      task.loss.pointee = 0
      task.correct.pointee = 0
      if let gradient = task.gradient {
        for i in 0..<count { gradient[i] = 0 }
      }
      return
    }
    var greatestLogit = -Float.infinity
    var i = 0
    while i + vectorWidth <= count {
      greatestLogit = max(greatestLogit, greatest(load(logits + i)))
      i += vectorWidth
    }
    while i < count {
      greatestLogit = max(greatestLogit, logits[i])
      i += 1
    }
    let target = logits[task.target]
    // The prediction is the lowest index with the largest logit.
    var prediction = 0
    while prediction < count - 1, !(logits[prediction] >= greatestLogit) { prediction += 1 }

    var totals = Vector(repeating: 0)
    var total: Float = 0
    i = 0
    while i < count {
      let e = exponential(load(logits + i, count - i) - greatestLogit)
      store(e, task.scratch + i)
      if i + vectorWidth <= count {
        totals += e
      } else {
        for lane in 0..<(count - i) { total += e[lane] }
      }
      i += vectorWidth
    }
    total += sum(totals)
    task.loss.pointee = log(total) + (greatestLogit - target)
    task.correct.pointee = prediction == task.target ? 1 : 0
    guard let gradient = task.gradient else { return }
    let scale = task.weight / total
    i = 0
    while i < count {
      store(load(task.scratch + i) * scale, gradient + i, count - i)
      i += vectorWidth
    }
    gradient[task.target] -= task.weight
  }
}
