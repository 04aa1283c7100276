extension IntegerTask {
  /// The integers in ascending order.
  package static let sort = IntegerTask(name: "sort", title: "Sequence sorting") { $0.sorted() }
}
