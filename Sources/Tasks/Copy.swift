extension Task {
  /// The integers as they are.
  public static let copy = Task(name: "copy", title: "Sequence copying") { $0 }
}
