import Compute
import OperationSuite
import Testing

@Suite("Faults of the caller throw an error, never crash, and change nothing", .serialized)
struct FaultTests {
  /// Runs the operation with one operand changed, and expects an error that names the operation and no
  /// writes.
  private func refuses<S: OperationSample>(
    _ sample: S, _ place: String, on device: any Device, _ change: (inout S.Operation) -> Void
  ) throws {
    let before = try sample.contents(on: device)
    #expect("\(sample.name), \(place)") {
      try sample.run(on: device, change)
    } throws: {
      if case ComputeError.invalid(sample.name, _) = $0 { true } else { false }
    }
    let after = try sample.contents(on: device)
    #expect(after == before, "\(sample.name), \(place)")
  }

  private func forEverySample(
    _ device: ContractDevice, _ body: (any OperationSample, any Device) throws -> Void
  ) throws {
    let device = try device.make()
    for sample in try Samples(device).all() { try body(sample, device) }
  }

  @Test("every operation has a sample that runs and lists all its operands", arguments: ContractDevice.all)
  func samples(device: ContractDevice) throws {
    let device = try device.make()
    func check(_ sample: some OperationSample) throws {
      try sample.run(on: device) { _ in }
      #expect(sample.allBuffers.count == sample.declaredOperands, "\(sample.name)")
    }
    let samples = try Samples(device).all()
    #expect(Set(samples.map(\.name)) == Set(OperationSuite.all.map(\.name)))
    for sample in samples { try check(sample) }
    try device.synchronize()
  }

  @Test("for a buffer of another device", arguments: ContractDevice.all)
  func foreign(device: ContractDevice) throws {
    func check(_ sample: some OperationSample, _ device: any Device) throws {
      let selector = device.description.selector
      for place in sample.allBuffers {
        let before = try sample.contents(on: device)
        let own = sample.operation[keyPath: place]
        #expect("\(sample.name), \(place)") {
          try sample.run(on: device) {
            $0[keyPath: place] = ForeignBuffer(count: own.count, own.elementType)
          }
        } throws: {
          if case ComputeError.foreignBuffer(sample.name, selector) = $0 { true } else { false }
        }
        let after = try sample.contents(on: device)
        #expect(after == before, "\(sample.name), \(place)")
      }
    }
    try forEverySample(device) { try check($0, $1) }
  }

  @Test("for a buffer of another type", arguments: ContractDevice.all)
  func types(device: ContractDevice) throws {
    func check(_ sample: some OperationSample, _ device: any Device) throws {
      for place in sample.allBuffers {
        let own = sample.operation[keyPath: place]
        let other = try device.makeBuffer(
          count: own.count, own.elementType == .float32 ? .int32 : .float32)
        try refuses(sample, "\(place)", on: device) { $0[keyPath: place] = other }
      }
    }
    try forEverySample(device) { try check($0, $1) }
  }

  @Test("for a buffer that is one element too small", arguments: ContractDevice.all)
  func sizes(device: ContractDevice) throws {
    func check(_ sample: some OperationSample, _ device: any Device) throws {
      for place in sample.allBuffers {
        let own = sample.operation[keyPath: place]
        let small = try device.makeBuffer(count: own.count - 1, own.elementType)
        try refuses(sample, "\(place)", on: device) { $0[keyPath: place] = small }
      }
    }
    try forEverySample(device) { try check($0, $1) }
  }

  @Test("for offsets and distances that leave the buffer or overflow", arguments: ContractDevice.all)
  func places(device: ContractDevice) throws {
    func check(_ sample: some OperationSample, _ device: any Device) throws {
      for offset in [-1, 1, Int.max, Int.min] {
        for place in sample.matrices + sample.tables {
          try refuses(sample, "\(place) at \(offset)", on: device) { $0[keyPath: place].offset = offset }
        }
        for place in sample.parameters + sample.outputs {
          try refuses(sample, "\(place) at \(offset)", on: device) { $0[keyPath: place].offset = offset }
        }
      }
      for place in sample.matrices {
        let columns = sample.operation[keyPath: place].columns
        for stride in [columns - 1, columns + 1, -1, Int.max, Int.max / 2] {
          try refuses(sample, "\(place), stride \(stride)", on: device) {
            $0[keyPath: place].stride = stride
          }
        }
        for columns in [0, -1, Int.max] {
          try refuses(sample, "\(place), columns \(columns)", on: device) {
            $0[keyPath: place].columns = columns
          }
        }
      }
      for place in sample.parameters + sample.outputs {
        for stride in [-1, Int.max, Int.max / 2] {
          try refuses(sample, "\(place), model stride \(stride)", on: device) {
            $0[keyPath: place].modelStride = stride
          }
        }
      }
    }
    try forEverySample(device) { try check($0, $1) }
  }

  @Test("for numbers in half precision that leave the buffer or overflow", arguments: ContractDevice.all)
  func halves(device: ContractDevice) throws {
    let device = try device.make()
    func check<Operation>(_ sample: Sample<Operation>, _ half: WritableKeyPath<Operation, HalfMatrix>) throws
    {
      for offset in [-1, 2, Int.max, Int.min] {
        try refuses(sample, "offset \(offset)", on: device) { $0[keyPath: half].offset = offset }
      }
      let columns = sample.operation[keyPath: half].columns
      for stride in [columns - 1, columns + 2, -1, Int.max, Int.max / 2] {
        try refuses(sample, "stride \(stride)", on: device) { $0[keyPath: half].stride = stride }
      }
      for columns in [0, -1, columns - 1, Int.max] {
        try refuses(sample, "columns \(columns)", on: device) { $0[keyPath: half].columns = columns }
      }
    }
    try check(Samples(device).widening(), \.input)
    try check(Samples(device).narrowing(), \.output)
  }

  @Test("for models that would write each other's gradient", arguments: ContractDevice.all)
  func overlap(device: ContractDevice) throws {
    func check(_ sample: some OperationSample, _ device: any Device) throws {
      for place in sample.outputs {
        let whole = sample.operation[keyPath: place].modelStride
        for stride in [0, whole - 1] {
          try refuses(sample, "\(place)", on: device) { $0[keyPath: place].modelStride = stride }
        }
      }
    }
    try forEverySample(device) { try check($0, $1) }
  }

  @Test("for counts that the operands do not have", arguments: ContractDevice.all)
  func counts(device: ContractDevice) throws {
    func check(_ sample: some OperationSample, _ device: any Device) throws {
      for count in [-1, Int.min, 1000, Int.max] {
        let place = "count \(count)"
        switch sample {
        case let sample as Sample<Adam>:
          try refuses(sample, place, on: device) { $0.count = count }
          if count < 0 { try refuses(sample, "models, \(place)", on: device) { $0.models = count } }
        case let sample as Sample<Add>:
          try refuses(sample, place, on: device) { $0.count = count }
        case let sample as Sample<Gate>:
          try refuses(sample, place, on: device) { $0.count = count }
        case let sample as Sample<GateBackward>:
          try refuses(sample, place, on: device) { $0.count = count }
        case let sample as Sample<GatherRows>:
          try refuses(sample, place, on: device) { $0.count = count }
        case let sample as Sample<ScatterRows>:
          try refuses(sample, place, on: device) { $0.count = count }
        case let sample as Sample<SumRows>:
          try refuses(sample, place, on: device) { $0.count = count }
          try refuses(sample, "member \(place)", on: device) { $0.memberCount = count }
        case let sample as Sample<Rotary>:
          try refuses(sample, place, on: device) { $0.count = count }
          try refuses(sample, "heads, \(place)", on: device) { $0.heads = count }
        case let sample as Sample<Attention>:
          try refuses(sample, "heads, \(place)", on: device) { $0.heads = count }
        case let sample as Sample<AttentionBackward>:
          try refuses(sample, "heads, \(place)", on: device) { $0.heads = count }
        default: break
        }
      }
    }
    try forEverySample(device) { try check($0, $1) }
  }

  @Test("for clipping and decay that mean nothing", arguments: ContractDevice.all)
  func adam(device: ContractDevice) throws {
    func check(_ sample: Sample<Adam>, _ device: any Device) throws {
      guard sample.operation.gradientNorms != nil else {
        try refuses(sample, "a norm's limit without norms", on: device) { $0.clipNorm = 1 }
        return try refuses(sample, "a decay without weights", on: device) { $0.weightDecay = 1 }
      }
      for models in [0, 3, 35, Int.max] {
        try refuses(sample, "\(models) models", on: device) { $0.models = models }
      }
      for number in [-1, .nan, .infinity] {
        try refuses(sample, "clip norm \(number)", on: device) { $0.clipNorm = number }
        try refuses(sample, "decay \(number)", on: device) { $0.weightDecay = number }
      }
      try refuses(sample, "clip norm 0", on: device) { $0.clipNorm = 0 }
    }
    try forEverySample(device) { sample, device in
      if let sample = sample as? Sample<Adam> { try check(sample, device) }
    }
  }

  @Test("for segments and blocks of any size outside their buffers", arguments: ContractDevice.all)
  func blocks(device: ContractDevice) throws {
    let segments = [
      Segment(offset: -1, rows: 1, columns: 1, stride: 1),
      Segment(offset: 11, rows: 1, columns: 1, stride: 1),
      Segment(offset: 0, rows: 2, columns: 1, stride: .max),
      Segment(offset: .max, rows: 1, columns: 1, stride: 1),
      Segment(offset: 0, rows: .max, columns: 1, stride: 1),
      Segment(offset: 0, rows: 1, columns: .max, stride: .max),
      Segment(offset: 0, rows: .max, columns: .max, stride: .max),
      Segment(offset: 0, rows: 0, columns: 1, stride: 1),
      Segment(offset: 0, rows: .min, columns: 1, stride: 1),
      Segment(offset: 0, rows: 2, columns: 2, stride: 1),
    ]
    let replacements = [
      Replacement(rows: 7..<9, columns: 0..<1, sourceOffset: nil),
      Replacement(rows: 0..<1, columns: 5..<7, sourceOffset: nil),
      Replacement(rows: -1..<1, columns: 0..<1, sourceOffset: nil),
      Replacement(rows: 0..<1, columns: Int.min..<1, sourceOffset: 0),
      Replacement(rows: Int.min..<Int.max, columns: 0..<1, sourceOffset: 0),
      Replacement(rows: 0..<Int.max, columns: 0..<1, sourceOffset: 0),
      Replacement(rows: 0..<1, columns: 0..<Int.max, sourceOffset: 0),
      Replacement(rows: 0..<2, columns: 0..<6, sourceOffset: 8),
      Replacement(rows: 0..<2, columns: 0..<6, sourceOffset: 2, sourceStride: 6),
      Replacement(rows: 0..<2, columns: 0..<1, sourceOffset: 0, sourceStride: .max),
      Replacement(rows: 0..<1, columns: 0..<1, sourceOffset: .max),
      Replacement(rows: 0..<1, columns: 0..<1, sourceOffset: -1),
      Replacement(rows: 0..<2, columns: 0..<1, sourceOffset: 1, sourceStride: -1),
    ]
    func check(_ sample: some OperationSample, _ device: any Device) throws {
      if let sample = sample as? Sample<SegmentNorms> {
        for segment in segments {
          try refuses(sample, "\(segment)", on: device) { $0.segments = [segment] }
        }
      }
      if let sample = sample as? Sample<ReplaceRows> {
        for block in replacements {
          try refuses(sample, "\(block)", on: device) { $0.replacements.append(block) }
        }
      }
    }
    try forEverySample(device) { try check($0, $1) }
  }
}

@Suite("Rows and sequences whose sizes overflow are refused") struct LayoutFaultTests {
  @Test("in row groups")
  func groups() {
    for group in [
      RowGroup(firstRow: .max, count: 1), RowGroup(firstRow: 1, count: .max),
      RowGroup(model: .max, firstRow: 0, count: 1),
      RowGroup(firstRow: -1, count: 1), RowGroup(firstRow: 0, count: -1),
      RowGroup(model: -1, firstRow: 0, count: 1),
      RowGroup(lane: -1, firstRow: 0, count: 1), RowGroup(firstRow: .min, count: .min),
    ] {
      #expect(throws: ComputeError.self, "\(group)") { try RowGroups([group]) }
    }
    #expect(throws: ComputeError.self) {
      try RowGroups([RowGroup(firstRow: 0, count: .max), RowGroup(model: 1, firstRow: .max, count: 1)])
    }
  }

  @Test("in the scores of attention, and in caps", arguments: ContractDevice.all)
  func scores(device: ContractDevice) throws {
    let device = try device.make()
    let wrong = [
      AttentionScores(scale: 0), AttentionScores(scale: .infinity), AttentionScores(cap: -1),
      AttentionScores(cap: .nan), AttentionScores(window: 0),
    ]
    for sample in try Samples(device).all() {
      let before = try sample.contents(on: device)
      for scores in wrong {
        switch sample {
        case let sample as Sample<Attention>:
          #expect(throws: ComputeError.self) { try sample.run(on: device) { $0.scores = scores } }
        case let sample as Sample<AttentionBackward>:
          #expect(throws: ComputeError.self) { try sample.run(on: device) { $0.scores = scores } }
        case let sample as Sample<SoftCap>:
          #expect(throws: ComputeError.self) { try sample.run(on: device) { $0.cap = 0 } }
        case let sample as Sample<SoftCapBackward>:
          #expect(throws: ComputeError.self) { try sample.run(on: device) { $0.cap = -1 } }
        default: continue
        }
      }
      #expect(try sample.contents(on: device) == before)
    }
  }

  @Test(
    "in rows of keys: negative ones, too few, and rows that keys or values don't have",
    arguments: ContractDevice.all)
  func keyRows(device: ContractDevice) throws {
    #expect(throws: ComputeError.self) { try KeyRows([0, -1]) }
    let device = try device.make()
    func matrix(_ rows: Int) throws -> Matrix {
      Matrix(try device.makeBuffer(count: rows * 4), columns: 4)
    }
    let layout = try AttentionLayout(
      [AttentionSequence(firstQuery: 0, queryCount: 2, firstKey: 1, keyCount: 2)], positions: [0, 1])
    func attention(_ rows: [Int32], keys: Int, values: Int) throws -> Attention {
      Attention(
        query: try matrix(2), key: try matrix(keys), value: try matrix(values), heads: 2,
        output: try matrix(2), logSumExp: Matrix(try device.makeBuffer(count: 4), columns: 2),
        layout: layout, keyRows: try KeyRows(rows))
    }
    func backward(_ operation: Attention) throws -> AttentionBackward {
      AttentionBackward(
        query: operation.query, key: operation.key, value: operation.value, heads: 2,
        output: operation.output, logSumExp: operation.logSumExp, outputGradient: try matrix(2),
        queryGradient: try matrix(2), keyGradient: try matrix(3), valueGradient: try matrix(3),
        layout: layout, keyRows: operation.keyRows)
    }
    let right = try attention([0, 3, 0], keys: 4, values: 4)
    try device.attention(right)
    try device.attentionBackward(backward(right))
    for (rows, keys, values) in [([0, 3], 4, 4), ([0, 3, 0], 3, 4), ([0, 3, 0], 4, 3)]
      as [([Int32], Int, Int)]
    {
      let operation = try attention(rows, keys: keys, values: values)
      #expect(throws: ComputeError.self, "\(rows)") { try device.attention(operation) }
      let backward = try backward(operation)
      #expect(throws: ComputeError.self, "\(rows)") { try device.attentionBackward(backward) }
    }
  }

  @Test("in attention layouts")
  func layouts() {
    for (query, queries, key, keys) in [
      (Int.max, 1, 0, 1), (0, Int.max, 0, 1), (0, 1, Int.max, 1), (0, 1, 1, Int.max), (-1, 1, 0, 1),
      (0, -1, 0, 1),
      (0, 1, -1, 1), (0, 1, 0, -1), (1, Int.max, 1, Int.max), (0, 1, 0, 0),
    ] {
      let sequence = AttentionSequence(firstQuery: query, queryCount: queries, firstKey: key, keyCount: keys)
      #expect(throws: ComputeError.self, "\(sequence)") { try AttentionLayout([sequence], positions: [0]) }
    }
  }
}
