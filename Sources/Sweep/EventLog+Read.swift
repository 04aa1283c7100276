import Foundation
import Records

/// The mean seconds of the runs that a sweep has finished, from `events.jsonl`; nil where there are none.
package func meanRunSeconds(_ folder: SweepFolder) -> Double? {
  guard let data = try? Data(contentsOf: folder.events) else { return nil }
  let events = data.split(separator: UInt8(ascii: "\n")).compactMap {
    try? JSONDecoder().decode(SweepEvent.self, from: $0)
  }
  let seconds = events.filter { $0.event == .done }.compactMap(\.seconds)
  return seconds.isEmpty ? nil : seconds.reduce(0, +) / Double(seconds.count)
}
