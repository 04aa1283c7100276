import Dispatch

/// The median and range of repeated measurements of one quantity.
package struct Spread: Codable, Sendable, Equatable {
  package var median: Double
  package var min: Double
  package var max: Double

  /// - Precondition: `values` is not empty.
  package init(_ values: [Double]) {
    precondition(!values.isEmpty, "nothing was measured")
    let sorted = values.sorted()
    let middle = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    min = sorted[0]
    max = sorted[sorted.count - 1]
  }

  /// The same measurements in another unit.
  func scaled(by factor: Double) -> Spread {
    Spread([median, min, max].map { $0 * factor })
  }
}

/// The elapsed seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double { try timed(body).seconds }

/// The result of a call, and the seconds it took.
func timed<Result>(_ body: () throws -> Result) rethrows -> (result: Result, seconds: Double) {
  let start = DispatchTime.now().uptimeNanoseconds
  let result = try body()
  return (result, Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9)
}
