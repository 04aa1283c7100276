import COpenCL
import Compute
import Glibc

/// What is queued and has not run yet: handed to the device at intervals, and kept short.
///
/// A driver may hold commands back until it is told to run them, and a GPU that also draws a screen loses commands that
/// take many seconds. On a GPU the host also waits asleep, where many drivers would burn a core.
final class Backlog {
  private let context: OpenCLContext
  private let isGPU: Bool
  private var launches = 0
  /// Events of launches, in order. What was queued before an event that is complete has run.
  private var marks: [(event: cl_event, queued: ContinuousClock.Instant)] = []
  /// How long the commands between two marks took last, as far as it was seen.
  private var perMark = Duration.zero
  private var lastEnd = ContinuousClock.now

  /// Launches from one mark to the next.
  private static let interval = 32
  private static let mostMarks = 32
  /// How much work may be queued.
  private static let most = Duration.seconds(2)

  init(_ context: OpenCLContext) {
    self.context = context
    isGPU = context.info.kind == .gpu
  }

  deinit {
    for mark in marks { _ = context.library.clReleaseEvent(mark.event) }
  }

  /// Whether the event of the next launch is wanted.
  var wantsEvent: Bool { isGPU && (launches + 1) % Self.interval == 0 }

  /// Notes that a kernel was queued, and waits if too much is.
  func launched(_ event: cl_event?) throws {
    launches += 1
    if let event { marks.append((event, .now)) }
    guard launches % Self.interval == 0 else { return }
    try flush()
    try retire(while: { !self.isRunning($0) })
    let allowed = perMark > .zero ? Int(min(Double(Self.mostMarks), Self.most / perMark)) : Self.mostMarks
    while marks.count > max(1, allowed), let oldest = marks.first?.event {
      try wait(for: oldest)
      try retire(while: { !self.isRunning($0) })
    }
  }

  /// Hands everything queued to the device.
  func flush() throws {
    try check(context.library.clFlush(context.queue), call: "clFlush", detail: context.info.name)
  }

  /// On a GPU, returns when everything queued has run. Other drivers wait well by themselves.
  func drain() throws {
    guard isGPU else { return }
    var event: cl_event?
    let status = context.library.clEnqueueMarkerWithWaitList(context.queue, 0, nil, &event)
    try check(status, call: "clEnqueueMarkerWithWaitList", detail: context.info.name)
    try flush()
    guard let event else { return }
    defer { _ = context.library.clReleaseEvent(event) }
    try wait(for: event)
    try retire(while: { _ in true })
  }

  private func retire(while isOver: (cl_event) -> Bool) throws {
    let over = marks.prefix { isOver($0.event) }
    guard let first = over.first else { return }
    perMark = (ContinuousClock.now - max(first.queued, lastEnd)) / over.count
    lastEnd = .now
    for mark in over { _ = context.library.clReleaseEvent(mark.event) }
    marks.removeFirst(over.count)
  }

  private func isRunning(_ event: cl_event) -> Bool {
    (try? status(of: event)).map { $0 > CL_COMPLETE } ?? false
  }

  /// The execution status of a command: `CL_COMPLETE` at its end, more before, and negative after a failure.
  private func status(of event: cl_event) throws -> cl_int {
    var status: cl_int = 0
    let outcome = context.library.clGetEventInfo(
      event, cl_event_info(CL_EVENT_COMMAND_EXECUTION_STATUS), MemoryLayout<cl_int>.size, &status, nil)
    try check(outcome, call: "clGetEventInfo", detail: context.info.name)
    return status
  }

  private func wait(for event: cl_event) throws {
    var pause: UInt32 = 20
    while true {
      let status = try status(of: event)
      if status <= CL_COMPLETE {
        return try check(min(status, CL_SUCCESS), call: "a queued command", detail: context.info.name)
      }
      usleep(pause)
      pause = min(2 * pause, 1000)
    }
  }
}
