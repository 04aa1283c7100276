import Transformer

/// What overflows is refused by the names of component and score, on every device alike, before anything is ranked:
/// an infinity has a rank, and a record of such ranks would look like any other.
///
/// - Parameters:
///   - values: By component.
///   - score: What the values are, for the message.
/// - Throws: `StudyError.notFinite`.
func requireFinite(_ values: [Double], of components: [Component], _ score: String) throws {
  for (component, value) in zip(components, values) where !value.isFinite {
    throw StudyError.notFinite(score: score, component: component.name, value: value)
  }
}

/// As above for values of one component: of single batches or samples.
func requireFinite(_ values: [Double], of component: Component, _ score: String) throws {
  if let value = values.first(where: { !$0.isFinite }) {
    throw StudyError.notFinite(score: score, component: component.name, value: value)
  }
}
