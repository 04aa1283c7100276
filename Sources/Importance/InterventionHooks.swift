import Compute
import Transformer

extension Hooks {
  /// Hooks that apply an intervention to each lane of a batch.
  ///
  /// - Parameters:
  ///   - interventions: by lane.
  ///   - means: needed by `mean` and `published` replacements.
  /// - Throws: `ImportanceError.missingMeans`.
  package static func applying(
    _ interventions: [Intervention], means: ComponentMeans?, to transformer: Transformer
  ) throws -> Hooks {
    var edits: [HookPoint: [Edit]] = [:]
    var needsMeans = false
    for (lane, intervention) in interventions.enumerated() {
      for (component, kind) in intervention.replacements {
        let edit = Edit(lane: lane, component: component, kind: kind)
        edits[edit.point, default: []].append(edit)
        needsMeans = needsMeans || edit.needsMeans
      }
    }
    let device = transformer.device
    guard !needsMeans || means != nil else { throw ImportanceError.missingMeans }
    // A buffer the zeros can name as their source, too.
    let source = try means?.makeBuffer(on: device) ?? device.makeBuffer(count: 1)
    return Hooks(points: Set(edits.keys)) { point, matrix, rows in
      var constants: [Replacement] = []
      for edit in edits[point] ?? [] {
        let group = rows.groups[edit.lane]
        let blockRows = group.firstRow..<group.firstRow + group.count
        let columns = edit.columns(transformer.configuration)
        switch edit.kind {
        case .zero:
          constants.append(Replacement(rows: blockRows, columns: columns, sourceOffset: nil))
        case .mean, .published:
          constants.append(
            Replacement(
              rows: blockRows, columns: columns,
              sourceOffset: edit.meanOffset(transformer.configuration)))
        case .patch(let cache):
          guard let kept = cache.matrices[point] else { continue }
          try device.replaceRows(
            ReplaceRows(
              target: matrix, source: kept.buffer,
              replacements: [
                Replacement(
                  rows: blockRows, columns: columns,
                  sourceOffset: group.firstRow * kept.stride + columns.lowerBound, sourceStride: kept.stride)
              ]))
        }
      }
      if !constants.isEmpty {
        try device.replaceRows(ReplaceRows(target: matrix, source: source, replacements: constants))
      }
    }
  }
}

extension Hooks {
  /// Hooks for the way back: what an intervention replaced is a constant, and no gradient reaches what it
  /// replaced.
  package static func blockingGradients(
    _ interventions: [Intervention], in transformer: Transformer
  ) throws -> Hooks {
    let zeros = interventions.map { intervention in
      intervention.replacements.map { component, kind in
        Edit(lane: 0, component: component, kind: kind)
      }
    }
    var points = Set<HookPoint>()
    for edit in zeros.joined() { points.insert(edit.point) }
    let device = transformer.device
    let source = try device.makeBuffer(count: 1)
    return Hooks(points: points) { point, matrix, rows in
      var blocks: [Replacement] = []
      for (lane, edits) in zeros.enumerated() {
        let group = rows.groups[lane]
        for edit in edits where edit.point == point {
          blocks.append(
            Replacement(
              rows: group.firstRow..<group.firstRow + group.count,
              columns: edit.columns(transformer.configuration), sourceOffset: nil))
        }
      }
      try device.replaceRows(ReplaceRows(target: matrix, source: source, replacements: blocks))
    }
  }
}

/// One component's replacement in one lane.
struct Edit {
  var lane: Int
  var component: Component
  var kind: ReplacementKind

  /// Where the replacement is made.
  var point: HookPoint {
    switch (component, kind) {
    case (.head(let layer, _), .published): .attentionOut(layer)
    case (.head(let layer, _), _): .z(layer)
    case (.mlp(let layer), _): .mlpOut(layer)
    }
  }

  var needsMeans: Bool {
    switch kind {
    case .mean, .published: true
    case .zero, .patch: false
    }
  }

  /// The first element of the component's mean in the means' buffer.
  func meanOffset(_ configuration: ModelConfiguration) -> Int {
    ComponentMeans.sourceRow(of: component) * configuration.dModel + columns(configuration).lowerBound
  }

  func columns(_ configuration: ModelConfiguration) -> Range<Int> {
    guard let head = component.head else { return 0..<configuration.dModel }
    return head * configuration.dHead..<(head + 1) * configuration.dHead
  }
}
