extension Task {
  /// The integers in ascending order.
  public static let sort = Task(name: "sort", title: "Sequence sorting") { $0.sorted() }
}
