/// The constraints of attention.cl, attention_local.cl and attention_backward_local.cl.
extension KernelConstraints {
  private static let headWidth = Tunable("HEAD_WIDTH", 32, in: 1...1 << 16)

  /// Those of scores.h and key_rows.h.
  private static let scores = [
    Tunable("WINDOW", 0, in: 0...1 << 30), Tunable("CAP", 0, in: 0...Int(Int32.max)),
    Tunable("KEY_ROWS", 0, in: 0...1),
  ]

  static let registerAttention = KernelConstraints(parameters: [headWidth] + scores)

  /// Local memory holds a step of keys and values and, if several work-items share a query, the scores of
  /// each part.
  static let localAttention = local(
    rows: 32, step: 16, parts: 1, maxPart: 64,
    floats: { values in
      2 * values["STEP"] * rowFloats(values)
        + (values["PARTS"] > 1 ? values["STEP"] * values["PARTS"] * values["ROWS"] : 0)
    })

  /// Small tiles, for layouts of short sequences: two in a group.
  package static let shortSequences: KernelValues = ["ROWS": 16, "TILES": 2]

  /// Local memory holds a step of two matrices, two products of each part, and the sums of D.
  static let localAttentionBackward = local(
    rows: 32, step: 8, parts: 2, maxPart: 32,
    floats: { values in
      2 * values["STEP"] * rowFloats(values) + (2 * values["STEP"] + 1) * values["PARTS"] * values["ROWS"]
    })

  /// - Parameter maxPart: the largest number of columns of a head that a work-item holds; more would not fit
  ///   into its registers. Groups of fewer than 16 rows may exceed it, because nothing else fits some
  ///   devices.
  private static func local(
    rows: Int, step: Int, parts: Int, maxPart: Int, floats: @escaping @Sendable (KernelValues) -> Int
  ) -> KernelConstraints {
    KernelConstraints(
      parameters: [
        headWidth,
        Tunable("ROWS", rows, in: 1...256, candidates: [16, 32, 64]),
        Tunable("STEP", step, in: 1...64, candidates: [4, 8, 16, 32]),
        Tunable("PARTS", parts, in: 1...64, candidates: [1, 2, 4]),
        Tunable("TILES", 1, in: 1...16, candidates: [1, 2]),
      ] + scores,
      rules: [
        Rule("a work-item holds at most \(maxPart) columns of a head, unless ROWS is below 16") {
          $0["ROWS"] < 16 || rowFloats($0) <= maxPart * $0["PARTS"]
        }
      ],
      workGroup: { [$0["ROWS"], $0["PARTS"], $0["TILES"]] },
      // Beside the floats of a tile: the padding of its two matrices, and its number of steps.
      localFloats: { ($0["TILES"] > 1 ? 9 : 1) * $0["TILES"] + $0["TILES"] * floats($0) },
      smaller: [
        ["PARTS": 1], ["PARTS": 2], ["PARTS": 4], ["PARTS": 8, "STEP": 8],
        ["ROWS": 16, "PARTS": 2, "STEP": 8],
        ["ROWS": 16, "PARTS": 16, "STEP": 4],
        ["ROWS": 8, "PARTS": 8, "STEP": 4], ["ROWS": 8, "PARTS": 1, "STEP": 4],
        ["ROWS": 1, "PARTS": 1, "STEP": 1],
      ])
  }

  /// The number of floats that a head's row takes in local memory: a whole number of float4s for each part.
  @Sendable private static func rowFloats(_ values: KernelValues) -> Int {
    let part = 4 * values["PARTS"]
    return (values["HEAD_WIDTH"] + part - 1) / part * part
  }
}
