import COpenCL
import Compute
import Digests
import Glibc
import Kernels

/// An OpenCL device: hand-written kernels and one in-order queue.
///
/// A device must not be used from two threads at once.
package final class OpenCLDevice: Device, KernelCompiling {
  /// The selector names a forced family, and the driver names tuned kernels, because results may depend on
  /// both.
  package let description: DeviceDescription
  /// The number of kernels queued so far. An ensemble takes as many as one model, or fewer: large weights of
  /// many models are not packed before a forward.
  package private(set) var launchCount = 0

  let context: OpenCLContext
  let family: KernelFamily
  let parameters: KernelParameters
  /// Whether each work-item computes one output (matmul_naive.cl).
  let naiveMatmul: Bool
  /// Passed for operands that a kernel has but an operation lacks.
  let absent: OpenCLBuffer
  /// Where constants live; nil where each has memory of its own.
  let lists: ListPool?
  let backlog: Backlog
  let argumentPool = ArgumentPool()
  let cache: ProgramCache
  var rowForms = FormCache<RowGroupsForm>()
  var layoutForms = FormCache<AttentionLayoutForm>()
  var keyLists = FormCache<OpenCLBuffer>()
  var cuts = RowCuts()
  /// By the number of the file: asked for in every launch.
  private var built = [[BuiltFile]](repeating: [], count: KernelSources.allCases.count)
  var localTiles = ShortMap<LocalTile.Form, LocalTile>()
  var pending = PendingSums()
  private var scratchBuffer: OpenCLBuffer?

  var grain: KernelGrain { family.grain }

  /// - Parameters:
  ///   - family: forces a kernel family; by default the type of the device decides.
  ///   - tuning: the record of this device and driver; any other is ignored.
  ///   - keepsPrograms: whether compiled programs are cached on disk.
  package convenience init(
    _ info: OpenCLDeviceInfo, family: KernelFamily? = nil, tuning: TuningRecord? = nil,
    keepsPrograms: Bool = true
  ) throws {
    try self.init(
      OpenCLLibrary.shared(), info, family: family, tuning: tuning,
      cache: keepsPrograms ? .standard() : ProgramCache(folder: nil))
  }

  /// - Parameter selector: `opencl`, `opencl:P` or `opencl:P:D`; a family at the end forces it:
  ///   `opencl:0:0:local`.
  /// - Throws: `ComputeError.unavailable` if the device does not exist.
  package convenience init(selector: String, tuning: TuningRecord? = nil) throws {
    let parts = OpenCLSelector(selector)
    try self.init(OpenCLPlatforms.find(parts.device), family: parts.family, tuning: tuning)
  }

  init(
    _ library: OpenCLLibrary, _ info: OpenCLDeviceInfo, family: KernelFamily? = nil,
    tuning: TuningRecord? = nil, naiveMatmul: Bool = false, cache: ProgramCache = .standard()
  ) throws {
    let own = KernelFamily.choose(info.kind)
    let family = family ?? own
    let parameters = KernelParameters(info, family, tuning)
    var description = info.description
    if family != own { description.selector += ":\(family.rawValue)" }
    if let digest = parameters.digest { description.driver += "; tuning \(digest)" }
    context = try OpenCLContext(library, info)
    absent = try OpenCLBuffer(context, count: 1, .float32)
    lists = Self.sharesMemory ? ListPool(context) : nil
    backlog = Backlog(context)
    self.description = description
    self.family = family
    self.parameters = parameters
    self.naiveMatmul = naiveMatmul
    self.cache = cache
  }

  /// A checker of memory sees where a list ends only if it is not a part of something larger: then
  /// `CAUSALGAP_SEPARATE_BUFFERS=1` is set.
  private static var sharesMemory: Bool {
    getenv("CAUSALGAP_SEPARATE_BUFFERS").map { $0.pointee == 0 } ?? true
  }

  /// Names the family and all sources: a driver is trusted with these kernels and no others.
  package var kernelDigest: String {
    var hash = FNV1a()
    hash.combine(family.rawValue)
    hash.combine(naiveMatmul ? "naive" : "tiled")
    for file in KernelSources.allCases { hash.combine(file.source) }
    return hash.digest
  }

  /// The values of a file's parameters; see ``built(_:_:preferring:)``.
  func values(_ file: KernelSources) throws -> KernelValues { try built(file).values }

  /// A kernel, whose program is built on first use; see ``built(_:_:preferring:)``.
  func kernel(_ file: KernelSources, _ name: String, _ fixed: KernelValues = KernelValues()) throws
    -> OpenCLKernel
  {
    try built(file, fixed).kernel(name)
  }

  /// A file, built on first use. A driver may allow a built kernel only smaller groups than the device; then the
  /// file is built again with values that fit.
  ///
  /// - Parameters:
  ///   - fixed: the values that follow from the operands.
  ///   - preferred: those that a launch takes unless the device is tuned or too small.
  /// - Throws: `ComputeError` if the values violate the kernel's constraints, or if the build fails.
  func built(
    _ file: KernelSources, _ fixed: KernelValues = KernelValues(),
    preferring preferred: KernelValues = KernelValues()
  ) throws -> BuiltFile {
    let preferred = parameters.isTuned(file) ? KernelValues() : preferred
    for built in built[file.number] where built.fixed == fixed && built.preferred == preferred {
      return built
    }
    var limits = parameters.limits
    while true {
      let values = parameters.resolve(file, fixed: fixed, preferred: preferred, limits)
      if let violation = file.constraints.violation(values, limits) {
        throw ComputeError.invalid(file.fileName, violation)
      }
      let options = values.values.isEmpty ? "-cl-std=CL1.2" : "-cl-std=CL1.2 \(values.options)"
      let program = try OpenCLProgram(context, file, options: options, cache: cache)
      let built = BuiltFile(program, values, fixed: fixed, preferred: preferred)
      let items = built.workGroup.count
      let largest = items > 1 ? try program.largestWorkGroup() : limits.workGroup
      if items <= largest {
        self.built[file.number].append(built)
        return built
      }
      limits.workGroup = largest
    }
  }

  /// Queues a kernel over at least `global` work-items, in as many launches as its grid needs. A grid without
  /// items is not launched.
  func launch(_ kernel: OpenCLKernel, _ arguments: borrowing KernelArguments, global: Grid) throws {
    guard !global.isEmpty else { return }
    let local = grain.local(global, kernel.limits)
    let groups = Grid(like: global) { blocks(global[$0], of: local[$0]) }
    if GridPart.isWhole(groups) { return try enqueue(kernel, arguments, first: nil, groups, local) }
    for part in GridPart.parts(of: groups) {
      try enqueue(kernel, arguments, first: part.first, part.count, local)
    }
  }

  /// Queues a kernel over `groups` work-groups of `local` work-items. A grid without groups is not launched.
  ///
  /// - Throws: `ComputeError.invalid` for more groups than drivers allow.
  func launch(_ kernel: OpenCLKernel, _ arguments: borrowing KernelArguments, groups: Grid, local: Grid)
    throws
  {
    guard !groups.isEmpty else { return }
    guard GridPart.isWhole(groups) else {
      throw ComputeError.invalid(kernel.name, "\(groups) work-groups are more than a device launches")
    }
    try enqueue(kernel, arguments, first: nil, groups, local)
  }

  private func enqueue(
    _ kernel: OpenCLKernel, _ arguments: borrowing KernelArguments, first: Grid?, _ groups: Grid,
    _ local: Grid
  ) throws {
    try lists?.bringUpToDate()
    // The arguments, which live until the caller is done with them, keep the buffers alive until the launch; from then on
    // the driver does.
    let event = try kernel.enqueue(arguments, first: first, groups, local, wantsEvent: backlog.wantsEvent)
    launchCount += 1
    try backlog.launched(event)
  }

  /// The buffer as a buffer of this device, with all sums that belong in it.
  func resolve(_ buffer: any Buffer, in operation: String) throws -> OpenCLBuffer {
    let own = try own(buffer, in: operation)
    if own === pending.target { try settle() }
    return own
  }

  /// The buffer as a buffer of this device. Sums that belong in it may still wait.
  func own(_ buffer: any Buffer, in operation: String) throws -> OpenCLBuffer {
    guard let own = buffer as? OpenCLBuffer, own.context === context else {
      throw ComputeError.foreignBuffer(operation: operation, device: description.selector)
    }
    return own
  }

  /// Memory that an operation may use until its last kernel is queued; the next operation's kernels are
  /// queued after it.
  func scratch(count: Int) throws -> OpenCLBuffer {
    if let scratchBuffer, scratchBuffer.count >= count { return scratchBuffer }
    scratchBuffer = nil
    let buffer = try OpenCLBuffer(context, count: count, .float32)
    scratchBuffer = buffer
    return buffer
  }
}

/// `extent / size`, rounded up.
func blocks(_ extent: Int, of size: Int) -> Int { (extent + size - 1) / size }
