/// Where in a forward interventions can make runs differ.
struct ForkPlace: Hashable, Comparable {
  /// In the order in which a block comes to them.
  enum Part: Int { case residual, attentionInputs, heads, attentionOutput, mlp }

  var layer: Int
  var part: Part

  static func < (one: ForkPlace, other: ForkPlace) -> Bool {
    (one.layer, one.part.rawValue) < (other.layer, other.part.rawValue)
  }
}

extension Site {
  /// Where a fork for it happens. An MLP's input is patched where its output is: only there does it make a difference
  /// to the stream.
  var forkPlace: ForkPlace {
    switch self {
    case .residual(let layer): ForkPlace(layer: layer, part: .residual)
    case .input(.head(let layer, _), _): ForkPlace(layer: layer, part: .attentionInputs)
    case .output(.head(let layer, _)): ForkPlace(layer: layer, part: .heads)
    case .projectedColumns(let layer, _): ForkPlace(layer: layer, part: .attentionOutput)
    case .output(.mlp(let layer)), .input(.mlp(let layer), _): ForkPlace(layer: layer, part: .mlp)
    }
  }

  /// Orders sites that write to the residual stream as the forward comes to them.
  var order: [Int] {
    let head: Int =
      switch self {
      case .output(.head(_, let head)): head
      default: 0
      }
    return [forkPlace.layer, forkPlace.part.rawValue, head]
  }
}

extension Site {
  /// Whether what it writes to the stream reaches another site.
  package func precedes(_ other: Site) -> Bool { forkPlace < other.forkPlace }
}
