extension Array {
  /// The element at `place`; nil where there is none, as in a list that a record need not have.
  func at(_ place: Int) -> Element? { indices.contains(place) ? self[place] : nil }
}
