import Transformer

/// Throws if a score is infinite or NaN, on every device, before anything is ranked. An infinity has a rank,
/// so a record with such ranks would look like any other.
///
/// - Parameters:
///   - values: the values by component.
///   - score: the name of the score, for the message.
/// - Throws: `StudyError.notFinite`, which names the component and the score.
func requireFinite(_ values: [Double], of components: [Component], _ score: String) throws {
  for (component, value) in zip(components, values) where !value.isFinite {
    throw StudyError.notFinite(score: score, component: component.name, value: value)
  }
}

/// Throws if a value of one component, for a single batch or sample, is infinite or NaN.
func requireFinite(_ values: [Double], of component: Component, _ score: String) throws {
  if let value = values.first(where: { !$0.isFinite }) {
    throw StudyError.notFinite(score: score, component: component.name, value: value)
  }
}
