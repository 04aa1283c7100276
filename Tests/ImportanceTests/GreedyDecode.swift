import Importance
import Tasks
import Transformer

extension Transformer {
  /// Decodes greedily, token by token, with ties going to the lowest index: the result that `exactMatches`
  /// computes without decoding. It is slow on purpose, as the reference for the fast computation.
  ///
  /// - Returns: `count` tokens that follow the prompt.
  package func greedyDecode(
    prompt: [Int32], count: Int, intervention: Intervention = .none
  ) throws -> [Int32] {
    var tokens = prompt
    for _ in 0..<count {
      let targets = [Int32](repeating: 0, count: tokens.count)
      let batch = try Batch(
        [TokenSequence(tokens: tokens, targets: targets)], .all, for: configuration, on: device)
      try forward(batch, hooks: try Hooks.applying([intervention], to: self))
      let last = try readLogits(batch).suffix(configuration.vocabulary)
      guard let best = last.max(), let index = last.firstIndex(of: best) else { break }
      tokens.append(Int32(index - last.startIndex))
    }
    return Array(tokens.dropFirst(prompt.count))
  }
}
