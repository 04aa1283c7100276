import Foundation

/// A number with its noun: `1 run`, `3 runs`.
package func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// A number of bytes: `1.25 GiB`.
package func gibibytes(_ bytes: Double, digits: Int = 2) -> String {
  String(format: "%.\(digits)f GiB", bytes / 1_073_741_824)
}
