import Compute
import Kernels

/// Sums over chunks of rows that no launch has added up yet.
///
/// The gradients of a model's parameters are summed in chunks of rows, by as many groups as a GPU needs to be busy. Adding
/// up the chunks of one gradient takes less time than the gap between two launches. So chunks wait, and
/// ``OpenCLDevice/settle()`` adds up those of all gradients in one launch, before the first command that may read or
/// overwrite one. Sums are the same as in launches of their own.
struct PendingSums {
  /// The chunks of one matrix of one model: where they are among the partial sums, and where their sum belongs.
  struct Sum: Hashable {
    var firstPartial: Int
    var chunkStride: Int
    var chunks: Int
    var target: Int
    var stride: Int
    var columns: Int
    var elements: Int

    /// As Kernels/sum_chunks_local.cl reads it.
    fileprivate var integers: [Int64] {
      [firstPartial, chunkStride, chunks, target, stride, columns, elements, 0].map(Int64.init)
    }
  }

  /// With more models, launches take far longer than the gaps between them, and lists of sums cost more than they save.
  static let mostModels = 8
  /// The number of partial sums that may wait, 64 MiB: about what a GPU keeps in its cache.
  static let mostPartials = 16 << 20

  fileprivate(set) var sums: [Sum] = []
  /// The buffer in which all sums belong; nil if none waits.
  fileprivate(set) var target: OpenCLBuffer?
  fileprivate var tensors: [Parameter] = []
  fileprivate var partials: OpenCLBuffer?
  /// The number of partial sums that wait.
  fileprivate var used = 0
  fileprivate var lists: [[Sum]: Lists] = [:]

  fileprivate struct Lists {
    var sums: OpenCLBuffer
    var tiles: DeviceList
  }

  fileprivate func overlaps(_ parameter: Parameter) -> Bool {
    tensors.contains { $0.overlaps(parameter) }
  }
}

extension OpenCLDevice {
  /// Room for the partial sums of one operation on `models` models: to be added up later, if they are few.
  ///
  /// - Returns: the buffer, where in it the room begins, and whether sums may wait.
  func partials(count: Int, models: Int) throws -> (buffer: OpenCLBuffer, offset: Int, mayWait: Bool) {
    guard models <= PendingSums.mostModels, count <= PendingSums.mostPartials else {
      return (try scratch(count: count), 0, false)
    }
    let room = pending.partials?.count ?? 0
    if pending.used + count > room {
      try settle()
      // What waited together did not fit: the next step's will.
      if room < PendingSums.mostPartials {
        pending.partials = nil
        let wanted = min(max(2 * room, count), PendingSums.mostPartials)
        pending.partials = try OpenCLBuffer(context, count: wanted, .float32)
      }
    }
    guard let buffer = pending.partials else { return (try scratch(count: count), 0, false) }
    return (buffer, pending.used, true)
  }

  /// Leaves the sums of chunks to `settle()`. Each chunk holds the sums of the parameters in turn, without gaps, from
  /// `offset` on in the memory that ``partials(count:models:)`` gave.
  func wait(for parameters: [Parameter], _ chunks: RowGroupsForm.Chunks, at offset: Int, in operation: String)
    throws
  {
    let chunkStride = parameters.reduce(0) { $0 + $1.rows * $1.columns }
    var first = offset
    for parameter in parameters {
      let target = try own(parameter.buffer, in: operation)
      if pending.target !== target { try settle() }
      try makeRoom(for: parameter, in: operation)
      for span in chunks.hostSpans where span[2] > 0 {
        let (model, firstChunk, count) = (span[0], span[1], span[2])
        pending.sums.append(
          PendingSums.Sum(
            firstPartial: first + firstChunk * chunkStride, chunkStride: chunkStride, chunks: count,
            target: parameter.offset + model * parameter.modelStride, stride: parameter.stride,
            columns: parameter.columns, elements: parameter.rows * parameter.columns))
      }
      pending.tensors.append(parameter)
      pending.target = target
      first += parameter.rows * parameter.columns
    }
    // Rows of a product's partial sums begin at a multiple of four floats if the operands' do.
    pending.used = blocks(offset + chunks.list.count * chunkStride, of: 4) * 4
  }

  /// Adds up what waits, if a parameter that is about to be overwritten overlaps with it.
  func makeRoom(for parameter: Parameter, in operation: String) throws {
    let isTarget = try own(parameter.buffer, in: operation) === pending.target
    if isTarget, pending.overlaps(parameter) { try settle() }
  }

  /// Queues the launch that adds up all chunks that wait.
  func settle() throws {
    guard let target = pending.target, let partials = pending.partials else { return }
    let sums = pending.sums
    (pending.sums, pending.tensors, pending.target, pending.used) = ([], [], nil, 0)
    let file = KernelSources.sumChunksLocal
    let name = "sum_chunks"
    let items = try values(file)["ITEMS"]
    let lists = try lists(sums, tile: 4 * items, in: name)
    var arguments = KernelArguments(self, name)
    try arguments.buffer(partials)
    try arguments.buffer(target)
    try arguments.buffer(lists.sums)
    try arguments.buffer(lists.tiles.buffer)
    try launch(kernel(file, name), arguments, groups: [lists.tiles.count], local: [items])
  }

  /// The lists of the kernel. Models whose numbers of rows are nearly alike have the same in most steps.
  private func lists(_ sums: [PendingSums.Sum], tile: Int, in operation: String) throws -> PendingSums.Lists {
    if let lists = pending.lists[sums] { return lists }
    let tiles = sums.enumerated().flatMap { index, sum in
      stride(from: 0, to: sum.elements, by: tile).map { SIMD4(index, $0, 0, 0) }
    }
    let lists = PendingSums.Lists(
      sums: try constant(sums.flatMap(\.integers), .int32), tiles: try DeviceList(self, tiles, in: operation))
    if pending.lists.count == 16 { pending.lists = [:] }
    pending.lists[sums] = lists
    return lists
  }
}
