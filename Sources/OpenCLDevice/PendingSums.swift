import Compute
import Kernels

/// Sums over chunks of rows that no launch has added up yet.
///
/// The gradients of a model's parameters are summed in chunks of rows, by as many groups as a GPU needs to be busy. Adding
/// up the chunks of one gradient takes less time than the gap between two launches. So chunks wait, and
/// ``OpenCLDevice/settle()`` adds up those of all gradients in one launch, before the first command that may read or
/// overwrite one. Sums are the same as in launches of their own.
struct PendingSums {
  /// The number of partial sums that may wait unless one operation has more: 32 MiB, so that a large GPU's cache still has
  /// them when they are added up.
  static let mostPartials = 8 << 20

  /// The buffer in which all sums belong; nil if none waits.
  fileprivate(set) var target: OpenCLBuffer?
  /// The number of models of each sum; the same for all that wait together.
  fileprivate var models = 0
  /// Where the sums belong.
  fileprivate var places: [TensorPlace] = []
  /// One for each place and model, as Kernels/sum_chunks_local.cl reads them.
  fileprivate var sums: [SIMD8<Int64>] = []
  fileprivate var partials: OpenCLBuffer?
  /// The number of partial sums that wait.
  fileprivate var used = 0
  fileprivate var sumLists = Lists<SIMD8<Int64>, OpenCLBuffer>()
  fileprivate var tileLists = Lists<TensorPlace, DeviceList>()

  /// Lists that are on the device, by what they were made from. Most steps need the same ones.
  fileprivate struct Lists<Element: Equatable, List> {
    private var entries: [(source: [Element], list: List)] = []

    mutating func list(of source: [Element], make: () throws -> List) rethrows -> List {
      if let known = entries.first(where: { $0.source == source }) { return known.list }
      let list = try make()
      if entries.count == 16 { entries = [] }
      entries.append((source, list))
      return list
    }
  }
}

extension OpenCLDevice {
  /// Room for the partial sums of some parameters. These are touched after the launch that makes the partial sums, so
  /// they are checked now.
  ///
  /// - Returns: the buffer, and where in it the room begins.
  func partials(count: Int, of parameters: [Parameter], in operation: String) throws
    -> (buffer: OpenCLBuffer, offset: Int)
  {
    for parameter in parameters { _ = try own(parameter.buffer, in: operation) }
    if let buffer = pending.partials, pending.used + count <= buffer.count { return (buffer, pending.used) }
    try settle()
    let room = pending.partials?.count ?? 0
    // What waited together did not fit: the next step's will, as far as it may.
    let wanted = max(count, min(2 * room, PendingSums.mostPartials))
    if let buffer = pending.partials, wanted <= room { return (buffer, 0) }
    pending.partials = nil
    let buffer = try OpenCLBuffer(context, count: wanted, .float32)
    pending.partials = buffer
    return (buffer, 0)
  }

  /// Leaves the sums of chunks to `settle()`. Each chunk holds the sums of the parameters in turn, without gaps, from
  /// `offset` on in the memory that ``partials(count:of:in:)`` gave.
  func wait(for parameters: [Parameter], _ chunks: RowGroupsForm.Chunks, at offset: Int, in operation: String)
    throws
  {
    guard !chunks.spans.isEmpty else { return }
    let chunkStride = parameters.reduce(0) { $0 + $1.rows * $1.columns }
    var first = offset
    for parameter in parameters {
      let target = try own(parameter.buffer, in: operation)
      if pending.target !== target || pending.models != chunks.spans.count { try settle() }
      try makeRoom(for: parameter, in: operation)
      let elements = parameter.rows * parameter.columns
      for span in chunks.spans {
        let (model, firstChunk, count) = (span[0], span[1], span[2])
        let sum = SIMD8(
          first + firstChunk * chunkStride, chunkStride, count,
          parameter.offset + model * parameter.modelStride, parameter.stride, parameter.columns, elements, 0)
        pending.sums.append(SIMD8<Int64>(truncatingIfNeeded: sum))
      }
      pending.places.append(parameter.place)
      pending.target = target
      pending.models = chunks.spans.count
      first += elements
    }
    // Rows of a product's partial sums begin at a multiple of four floats if the operands' do.
    pending.used = blocks(offset + chunks.list.count * chunkStride, of: 4) * 4
  }

  /// Adds up what waits, if a parameter that is about to be overwritten overlaps with it.
  func makeRoom(for parameter: Parameter, in operation: String) throws {
    guard try own(parameter.buffer, in: operation) === pending.target else { return }
    let place = parameter.place
    if pending.places.contains(where: place.overlaps) { try settle() }
  }

  /// Queues the launch that adds up all chunks that wait.
  func settle() throws {
    guard let target = pending.target, let partials = pending.partials else { return }
    defer {
      pending.sums.removeAll(keepingCapacity: true)
      pending.places.removeAll(keepingCapacity: true)
    }
    (pending.target, pending.used) = (nil, 0)
    let file = KernelSources.sumChunksLocal
    let name = "sum_chunks"
    let built = try built(file)
    let values = built.values
    let tile = values["ITEMS"] * values["ELEMENTS"]
    let (sums, places, models) = (pending.sums, pending.places, pending.models)
    let sumList = try pending.sumLists.list(of: sums) { try constant(sums, .int32) }
    let tiles = try pending.tileLists.list(of: places) {
      let tiles = places.enumerated().flatMap { index, place in
        stride(from: 0, to: place.rows * place.columns, by: tile).map { SIMD4(index, $0, 0, 0) }
      }
      return try DeviceList(self, tiles, in: name)
    }
    var arguments = KernelArguments(self, name)
    try arguments.buffer(partials)
    try arguments.buffer(target)
    try arguments.buffer(sumList)
    try arguments.buffer(tiles.buffer)
    try launch(
      built.kernel(name), arguments, groups: Grid(tiles.count, models), local: Grid(values["ITEMS"], 1))
  }
}
