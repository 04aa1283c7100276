import CLinux
import CPUDevice

/// The processors that this process may use, by number.
package struct Processors: Equatable, Sendable {
  package let numbers: [Int]

  package init(_ numbers: [Int]) { self.numbers = numbers }

  /// Those of the affinity mask; fewer of them where a control group or Slurm grants less.
  package static var available: Processors {
    Processors(Array(ProcessorCount.masked().prefix(ProcessorCount.available())))
  }

  package var count: Int { numbers.count }

  /// Consecutive parts of `size` processors.
  func parts(of size: Int, _ count: Int) -> [Processors] {
    (0..<count).map { Processors(Array(numbers.dropFirst($0 * size).prefix(size))) }
  }

  package var text: String { numbers.map(String.init).joined(separator: ",") }

  /// Nil for a text that is not a list of processors.
  package init?(text: String) {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !numbers.isEmpty, numbers.allSatisfy({ $0.map { (0..<4096).contains($0) } ?? false }) else {
      return nil
    }
    self.numbers = numbers.compactMap(\.self)
  }

  /// Holds this process to these processors, with all threads that it makes from now on.
  ///
  /// - Returns: whether the system did so.
  @discardableResult
  package func hold() -> Bool {
    holdToProcessors(numbers.map(Int32.init), numbers.count) == 0
  }
}
