import TestSupport
import Testing

@testable import Importance

@Suite("Products of changes with gradients") struct StreamProductsTests {
  @Test("are sums over rows and coordinates, for more of both than are multiplied at once")
  func sums() {
    // More than a stretch of coordinates, a group of writers and the gradients that are kept, each with a tail.
    let (writers, readers, width) = (40, 70, 401)
    let samples = [0..<3, 3..<8]
    func matrix(_ seed: Int) -> HostMatrix {
      HostMatrix(
        values: (0..<8 * width).map { Double(($0 * 37 + seed * 101) % 211) / 211 - 0.4 }, width: width)
    }
    let changes = (0..<writers).map(matrix)
    let gradients = (0..<readers).map { matrix(1000 + $0) }
    let firstReaders = (0..<writers).map { $0 * 2 }
    var products = StreamProducts(
      changes: changes, samples: samples, firstReaders: firstReaders, readers: readers)
    for (reader, gradient) in gradients.enumerated().reversed() { products.add(gradient, at: reader) }
    let found = products.values()
    for (sample, rows) in samples.enumerated() {
      for writer in 0..<writers {
        for reader in 0..<readers {
          let expected =
            reader < firstReaders[writer]
            ? 0 : product(changes[writer], rows, gradients[reader], rows, 0..<width)
          let value = found[sample][writer * readers + reader]
          #expect(abs(value - expected) <= 1e-9 * max(1, abs(expected)), "\(writer) \(reader)")
        }
      }
    }
    // Values are sums of all that was added.
    products.add(gradients[69], at: 69)
    let again = products.values()
    #expect(abs(again[0][69] - 2 * found[0][69]) <= 1e-9 * max(1, abs(found[0][69])))
  }
}
