extension IntegerTask {
  /// The integers in reverse order.
  package static let reverse = IntegerTask(name: "reverse", title: "Sequence reversal") { $0.reversed() }
}
