extension Task {
  /// The integers in descending order.
  public static let sortDescending = Task(name: "sort_descending", title: "Descending sorting") {
    $0.sorted(by: >)
  }
}
