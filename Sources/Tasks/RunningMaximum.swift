extension IntegerTask {
  /// At each place, the largest integer so far.
  package static let runningMaximum = IntegerTask(name: "running_max", title: "Running maximum") { integers in
    var largest = Int.min
    return integers.map { integer in
      largest = max(largest, integer)
      return largest
    }
  }
}
