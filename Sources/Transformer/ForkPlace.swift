/// Where in a forward interventions can make runs differ.
struct ForkPlace: Hashable, Comparable {
  /// The parts of a block, in the order in which the forward reaches them.
  enum Part: Int { case residual, attentionInputs, heads, attentionOutput, mlp }

  var layer: Int
  var part: Part

  static func < (one: ForkPlace, other: ForkPlace) -> Bool {
    (one.layer, one.part.rawValue) < (other.layer, other.part.rawValue)
  }
}

extension Site {
  /// The place at which runs fork for the site. An MLP's input is patched at the place of its output, because
  /// only there does it change the stream.
  var forkPlace: ForkPlace {
    switch self {
    case .residual(let layer): ForkPlace(layer: layer, part: .residual)
    case .input(.head(let layer, _), _): ForkPlace(layer: layer, part: .attentionInputs)
    case .output(.head(let layer, _)): ForkPlace(layer: layer, part: .heads)
    case .projectedColumns(let layer, _): ForkPlace(layer: layer, part: .attentionOutput)
    case .output(.mlp(let layer)), .input(.mlp(let layer), _): ForkPlace(layer: layer, part: .mlp)
    }
  }

  /// A key that sorts sites by the order in which they write to the residual stream.
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
  /// Whether a write of this site to the stream can reach another site. In parallel blocks the MLP does not read what the
  /// heads write.
  package func precedes(_ other: Site, in configuration: ModelConfiguration) -> Bool {
    let (place, reader) = (forkPlace, other.forkPlace)
    if configuration.architecture.arrangement == .parallel, place.layer == reader.layer, reader.part == .mlp {
      return place.part == .residual
    }
    return place < reader
  }
}
