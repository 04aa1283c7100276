extension IntegerTask {
  /// The distinct integers in ascending order. The target may be shorter than the problem.
  package static let sortUnique = IntegerTask(name: "sort_unique", title: "Sorting without duplicates") {
    Set($0).sorted()
  }
}
