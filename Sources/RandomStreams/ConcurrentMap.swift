import Dispatch

/// Maps elements on several threads, for work of a tenth of a millisecond or more each.
///
/// - Returns: the results in the order of the elements.
/// - Throws: the error of the first element that has one.
package func concurrentMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ transform: @Sendable (Element) throws -> Result
) throws -> [Result] {
  guard elements.count > 1 else { return try elements.map(transform) }
  let results = UnsafeMutableBufferPointer<Swift.Result<Result, any Error>?>.allocate(
    capacity: elements.count)
  results.initialize(repeating: nil)
  defer { results.deinitialize().deallocate() }
  // Each element has a place of its own.
  nonisolated(unsafe) let places = results
  DispatchQueue.concurrentPerform(iterations: elements.count) { place in
    places[place] = Swift.Result { try transform(elements[place]) }
  }
  return try results.compactMap { try $0?.get() }
}
