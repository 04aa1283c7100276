extension Task {
  /// The integers moved one place to the left; the first comes last.
  public static let rotate = Task(name: "rotate", title: "Sequence rotation") { integers in
    Array(integers.dropFirst() + integers.prefix(1))
  }
}
