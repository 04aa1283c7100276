extension Task {
  /// The integers in reverse order.
  public static let reverse = Task(name: "reverse", title: "Sequence reversal") { $0.reversed() }
}
