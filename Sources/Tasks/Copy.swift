extension IntegerTask {
  /// The integers as they are.
  package static let copy = IntegerTask(name: "copy", title: "Sequence copying") { $0 }
}
