import Foundation
import Transformer

extension HostMatrix {
  /// Queries or keys, or differences of them, as attention reads them: rotated to their positions, if
  /// positions are rotary. Hooks see them before the rotation.
  ///
  /// - Parameter positions: the position of each row within its sequence.
  func turned(to positions: [Int], _ configuration: ModelConfiguration) -> HostMatrix {
    guard configuration.positions == .rotary else { return self }
    var result = self
    for (row, position) in positions.enumerated() {
      let angles = configuration.rotaryAngles(at: position)
      let pairs = angles.count
      for head in 0..<configuration.heads {
        let first = row * width + head * configuration.dHead
        for (pair, angle) in angles.enumerated() {
          let (a, b) = (values[first + pair], values[first + pair + pairs])
          result.values[first + pair] = a * cos(angle) - b * sin(angle)
          result.values[first + pair + pairs] = b * cos(angle) + a * sin(angle)
        }
      }
    }
    return result
  }
}
