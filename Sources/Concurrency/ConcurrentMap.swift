import Dispatch

/// Maps elements on several threads.
///
/// - Parameter perThread: the number of elements that a thread takes at once, for work of less than a tenth of a millisecond.
/// - Returns: the results in the order of the elements.
/// - Throws: the error of the first element that has one.
package func concurrentMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], perThread: Int = 1, _ transform: @Sendable (Element) throws -> Result
) throws -> [Result] {
  guard elements.count > perThread else { return try elements.map(transform) }
  let results = UnsafeMutableBufferPointer<Swift.Result<Result, any Error>?>.allocate(
    capacity: elements.count)
  results.initialize(repeating: nil)
  defer { results.deinitialize().deallocate() }
  // Each element has a place of its own.
  nonisolated(unsafe) let places = results
  DispatchQueue.concurrentPerform(iterations: (elements.count + perThread - 1) / perThread) { part in
    for place in part * perThread..<min(elements.count, (part + 1) * perThread) {
      places[place] = Swift.Result { try transform(elements[place]) }
    }
  }
  return try results.compactMap { try $0?.get() }
}
