extension IntegerTask {
  /// The distinct integers in ascending order: a target may be shorter than its problem.
  package static let sortUnique = IntegerTask(name: "sort_unique", title: "Sorting without duplicates") {
    Set($0).sorted()
  }
}
