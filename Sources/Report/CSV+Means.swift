import AtomicFile
import Foundation
import Statistics

/// The header of a mean's columns in a CSV file: `NAME`, `NAME_lower`, `NAME_upper` and `NAME_seeds`.
func header(_ name: String) -> [String] { [name, "\(name)_lower", "\(name)_upper", "\(name)_seeds"] }

/// The fields under `header(_:)`; all are empty without a value.
func fields(_ value: SeedMean?) -> [CSV.Field] {
  [.init(value?.mean)] + fields(value?.interval) + [.init(value?.count)]
}

/// The two ends of an interval; empty without one.
func fields(_ value: Interval?) -> [CSV.Field] { [.init(value?.lower), .init(value?.upper)] }

extension CSV {
  /// Writes the file if it has a row besides its header; otherwise removes the file of an earlier report.
  func writeIfFilled(to url: URL) throws {
    try writeOrRemove(rows.isEmpty ? nil : text, at: url)
  }
}

/// Writes a derived file whole or not at all. `nil` removes the file that an earlier report wrote.
func writeOrRemove(_ text: String?, at url: URL) throws {
  if let text {
    try writeAtomically(Data(text.utf8), to: url)
  } else if FileManager.default.fileExists(atPath: url.path) {
    try FileManager.default.removeItem(at: url)
  }
}
