/// The constraints of the kernels that work row by row, column by column or element by element.
extension KernelConstraints {
  /// layer_norm_local.cl, cross_entropy_local.cl: LANES work-items combine their values as a binary tree.
  static let rowLanes = KernelConstraints(
    parameters: [
      Tunable("LANES", 32, in: 1...1024, candidates: [16, 32, 64, 128]),
      Tunable("GROUP_ROWS", 4, in: 1...64, candidates: [1, 2, 4, 8]),
    ],
    rules: [Rule("LANES is a power of two") { $0["LANES"] & ($0["LANES"] - 1) == 0 }],
    workGroup: { [$0["LANES"], $0["GROUP_ROWS"]] },
    // cross_entropy_local.cl joins three values, each in a line of its own.
    localFloats: { 3 * $0["LANES"] * $0["GROUP_ROWS"] },
    smaller: [["GROUP_ROWS": 1], ["LANES": 8, "GROUP_ROWS": 1], ["LANES": 1, "GROUP_ROWS": 1]])

  /// layer_norm_gradients_local.cl: as ``rowLanes``, and chunks of rows.
  static var rowLanesAndChunks: KernelConstraints {
    var constraints = rowLanes
    constraints.parameters.append(Tunable("SPLIT_ROWS", 32, in: 1...1 << 20, candidates: [16, 32, 64, 128]))
    return constraints
  }

  /// column_means_local.cl
  static let rowChunks = KernelConstraints(parameters: [
    Tunable("SPLIT_ROWS", 64, in: 1...1 << 20, candidates: [16, 32, 64, 128])
  ])

  /// sum_chunks_local.cl
  static let itemsAndElements = KernelConstraints(
    parameters: [Tunable("ITEMS", 128, in: 1...1024), Tunable("ELEMENTS", 4, in: 1...64)],
    workGroup: { [$0["ITEMS"]] },
    smaller: [["ITEMS": 64], ["ITEMS": 16], ["ITEMS": 1]])

  /// segment_norms_local.cl: LANES work-items combine their values as a binary tree. Results depend on both values.
  static let segmentChunks = KernelConstraints(
    parameters: [Tunable("LANES", 128, in: 1...1024), Tunable("CHUNK", 8192, in: 1...1 << 20)],
    rules: [
      Rule("LANES is a power of two that divides CHUNK") {
        $0["LANES"] & ($0["LANES"] - 1) == 0 && $0["CHUNK"] % $0["LANES"] == 0
      }
    ],
    workGroup: { [$0["LANES"]] },
    localFloats: { $0["LANES"] },
    smaller: [["LANES": 64], ["LANES": 16], ["LANES": 1]])

  /// embedding_backward_local.cl
  static let linkedRows = KernelConstraints(
    parameters: [Tunable("LINKED", 128, in: 1...1024)],
    workGroup: { [$0["LINKED"]] },
    localFloats: { $0["LINKED"] },
    smaller: [["LINKED": 64], ["LINKED": 16], ["LINKED": 1]])

  /// adam.cl
  static let elements = KernelConstraints(
    parameters: [Tunable("ELEMENTS", 16, in: 1...1 << 20)], rules: [oneOrVectors])

  private static let oneOrVectors = Rule("ELEMENTS is 1 or a multiple of 16") {
    $0["ELEMENTS"] == 1 || $0["ELEMENTS"] % 16 == 0
  }

  /// column_means.cl
  static let columnsOneOrVector = KernelConstraints(
    parameters: [Tunable("COLUMNS", 16, in: 1...16)],
    rules: [Rule("COLUMNS is 1 or 16") { $0["COLUMNS"] == 1 || $0["COLUMNS"] == 16 }])

  /// embedding.cl, replace_rows.cl
  static let columns = KernelConstraints(parameters: [Tunable("COLUMNS", 16, in: 1...1 << 20)])

  /// rows.cl, rotary.cl, scale.cl, soft_cap.cl, widen.cl, narrow.cl
  static let columnsAndRows = KernelConstraints(
    parameters: [Tunable("COLUMNS", 16, in: 1...1 << 20), Tunable("ROWS", 1, in: 1...1 << 20)])

  /// gate.cl
  static let gate = KernelConstraints(
    parameters: columnsAndRows.parameters + [
      Tunable("ACTIVATION", 0, in: 0...3), Tunable("RELEVANCE", 0, in: 0...1),
    ])

  /// roof.cl
  static let roof = KernelConstraints(
    parameters: [Tunable("WIDTH", 16, in: 1...16), Tunable("ELEMENTS", 16, in: 1...1 << 20)],
    rules: [oneOrVectors, Rule("WIDTH is 1, 8 or 16") { [1, 8, 16].contains($0["WIDTH"]) }])
}
