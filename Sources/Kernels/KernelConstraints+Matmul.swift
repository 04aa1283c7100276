/// The tiles of products on GPUs. Results do not depend on them: a launch takes the largest that gives every
/// compute unit work.
package enum LocalTileSize: Int, CaseIterable, Sendable {
  /// For few rows: many groups, of 64 work-items with 4 × 4 sums each.
  case small
  /// 128 work-items with 8 × 4 sums each.
  case standard
  /// 128 work-items with 8 × 8 sums each, which read local memory the least. A tile twice as high would leave a
  /// multiprocessor room for one group instead of three, and more of it would lie behind the last row of a model.
  case large

  /// The values in which a size differs from those that the source defines.
  package var values: KernelValues {
    switch self {
    case .small: ["TILE_ROWS": 32, "TILE_COLUMNS": 32, "MICRO_ROWS": 4]
    case .standard: [:]
    case .large: ["TILE_COLUMNS": 128, "TILE_DEPTH": 8, "MICRO_COLUMNS": 8]
    }
  }

  /// Its rows and columns.
  package var shape: (rows: Int, columns: Int) { Self.shapes[rawValue] }

  private static let shapes: [(rows: Int, columns: Int)] = allCases.map { size in
    let values = KernelConstraints.localTile.defaults.overridden(by: size.values)
    return (values["TILE_ROWS"], values["TILE_COLUMNS"])
  }
}

/// The constraints of matmul.cl, matmul_weight_gradient.cl and their `_local` counterparts.
extension KernelConstraints {
  static let registerTile = KernelConstraints(
    parameters: [
      Tunable("TILE_ROWS", 8, in: 1...16, candidates: [4, 6, 8, 10, 12, 14]),
      Tunable("TILE_VECTORS", 2, in: 1...4, candidates: [1, 2, 3, 4]),
      Tunable("NARROW", 0, in: 0...1),
    ],
    rules: [
      Rule("NARROW needs TILE_VECTORS 1") { $0["NARROW"] == 0 || $0["TILE_VECTORS"] == 1 },
      Rule("a tile is at most 32 vectors") { $0["TILE_ROWS"] * $0["TILE_VECTORS"] <= 32 },
    ])

  static let registerWeightGradient = KernelConstraints(
    parameters: registerTile.parameters + [
      Tunable("TILES", 8, in: 1...16, candidates: [4, 8, 16]),
      Tunable("RUN_ROWS", 32, in: 1...256, candidates: [16, 32, 64]),
    ],
    rules: registerTile.rules)

  static let localTile = tile(padding: 1, extra: [])

  static let localWeightGradient = tile(
    padding: 0,
    extra: [Tunable("SPLIT_ROWS", 256, in: 1...1 << 20, candidates: [128, 256, 512])],
    rules: [Rule("SPLIT_ROWS is a multiple of TILE_DEPTH") { $0["SPLIT_ROWS"] % $0["TILE_DEPTH"] == 0 }])

  /// - Parameter padding: the number of float4s after each row of a slab in local memory.
  private static func tile(padding: Int, extra: [Tunable], rules: [Rule] = []) -> KernelConstraints {
    KernelConstraints(
      parameters: [
        Tunable("TILE_ROWS", 64, in: 4...256, candidates: [32, 64, 128]),
        Tunable("TILE_COLUMNS", 64, in: 4...256, candidates: [32, 64, 128]),
        Tunable("TILE_DEPTH", 16, in: 4...64, candidates: [8, 16]),
        Tunable("MICRO_ROWS", 8, in: 4...16, candidates: [4, 8]),
        Tunable("MICRO_COLUMNS", 4, in: 4...16, candidates: [4, 8]),
        Tunable("ALIGNED", 0, in: 0...1),
      ] + extra,
      rules: [
        Rule("MICRO_ROWS, MICRO_COLUMNS and TILE_DEPTH are multiples of 4") {
          $0["MICRO_ROWS"] % 4 == 0 && $0["MICRO_COLUMNS"] % 4 == 0 && $0["TILE_DEPTH"] % 4 == 0
        },
        Rule("a tile is a multiple of a work-item's part of it") {
          $0["TILE_ROWS"] % $0["MICRO_ROWS"] == 0 && $0["TILE_COLUMNS"] % $0["MICRO_COLUMNS"] == 0
        },
        Rule("both slabs are a multiple of the group's float4s") {
          let vectors = 4 * items($0)
          return $0["TILE_ROWS"] * $0["TILE_DEPTH"] % vectors == 0
            && $0["TILE_COLUMNS"] * $0["TILE_DEPTH"] % vectors == 0
        },
      ] + rules,
      workGroup: { [items($0)] },
      localFloats: { $0["TILE_DEPTH"] * ($0["TILE_ROWS"] + $0["TILE_COLUMNS"] + 8 * padding) },
      smaller: [
        ["TILE_ROWS": 64, "TILE_COLUMNS": 64, "MICRO_ROWS": 8, "MICRO_COLUMNS": 8],
        LocalTileSize.small.values,
        ["TILE_ROWS": 16, "TILE_COLUMNS": 16, "MICRO_ROWS": 4],
        ["TILE_ROWS": 4, "TILE_COLUMNS": 4, "TILE_DEPTH": 4, "MICRO_ROWS": 4],
      ])
  }

  @Sendable private static func items(_ values: KernelValues) -> Int {
    (values["TILE_ROWS"] / values["MICRO_ROWS"]) * (values["TILE_COLUMNS"] / values["MICRO_COLUMNS"])
  }
}
