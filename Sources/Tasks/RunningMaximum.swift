extension Task {
  /// By place, the largest integer so far.
  public static let runningMaximum = Task(name: "running_max", title: "Running maximum") { integers in
    var largest = Int.min
    return integers.map { integer in
      largest = max(largest, integer)
      return largest
    }
  }
}
