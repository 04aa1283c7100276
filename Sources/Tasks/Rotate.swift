extension IntegerTask {
  /// The integers moved one place to the left; the first integer becomes the last.
  package static let rotate = IntegerTask(name: "rotate", title: "Sequence rotation") { integers in
    Array(integers.dropFirst() + integers.prefix(1))
  }
}
