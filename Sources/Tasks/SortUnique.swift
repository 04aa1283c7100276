extension Task {
  /// The distinct integers in ascending order: a target may be shorter than its problem.
  public static let sortUnique = Task(name: "sort_unique", title: "Sorting without duplicates") {
    Set($0).sorted()
  }
}
