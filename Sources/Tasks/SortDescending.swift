extension IntegerTask {
  /// The integers in descending order.
  package static let sortDescending = IntegerTask(name: "sort_descending", title: "Descending sorting") {
    $0.sorted(by: >)
  }
}
