import Foundation
import Synchronization

/// Memory for buffers, cut from regions that the system backs with pages as large as it has.
///
/// A training step goes through tens of megabytes of activations in buffers of one or two. In pages of 4 KiB those are ten thousand pages,
/// more than a processor keeps the addresses of. A region is returned to the system when its last buffer is, except for one.
final class PageArena: Sendable {
  static let shared = PageArena()

  /// The size of a region, of which only the pages that are used take memory.
  private static let regionBytes = 1 << 26
  /// The size of a large page, on which a region begins.
  private static let pageBytes = 1 << 21
  /// The size of a cache line, on which a buffer begins.
  private static let lineBytes = 64
  private let regions = Mutex<[Region]>([])

  /// The number of regions.
  var regionCount: Int { regions.withLock { $0.count } }

  /// Memory with arbitrary content, aligned to a cache line; nil if the system has none.
  ///
  /// - Parameter bytes: from 1 to a quarter of a region.
  func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let size = Self.size(bytes)
    let address = regions.withLock { regions -> UInt? in
      for index in regions.indices {
        if let address = regions[index].take(size) { return address }
      }
      guard var region = Region(Self.regionBytes, alignment: Self.pageBytes) else { return nil }
      let address = region.take(size)
      regions.append(region)
      return address
    }
    return address.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
  }

  /// Takes back memory of `bytes` bytes that ``allocate(_:)`` gave.
  func free(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
    let address = UInt(bitPattern: memory)
    regions.withLock { regions in
      guard let index = regions.firstIndex(where: { $0.contains(address) }) else {
        preconditionFailure("memory is given back to an arena that it did not come from")
      }
      regions[index].giveBack(address..<address + UInt(Self.size(bytes)))
      let others = regions.indices.filter { $0 != index }
      guard regions[index].isEmpty, others.contains(where: { regions[$0].isEmpty }) else { return }
      regions[index].unmap()
      regions.remove(at: index)
    }
  }

  /// One line more than is needed: buffers of the same size would otherwise begin at addresses that a cache keeps in the same few places.
  private static func size(_ bytes: Int) -> Int { (bytes + 2 * lineBytes - 1) / lineBytes * lineBytes }
}

/// A region of memory, of which some ranges are free.
private struct Region {
  /// As the system gave it.
  private let mapped: Range<UInt>
  private let whole: Range<UInt>
  /// In order, with something that is used between any two of them.
  private var free: [Range<UInt>]

  init?(_ bytes: Int, alignment: Int) {
    let memory = mmap(nil, bytes + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    let first = UInt(bitPattern: memory)
    mapped = first..<first + UInt(bytes + alignment)
    let aligned = (first + UInt(alignment) - 1) / UInt(alignment) * UInt(alignment)
    whole = aligned..<aligned + UInt(bytes)
    free = [whole]
    // Advice that the system does not know changes nothing.
    madvise(UnsafeMutableRawPointer(bitPattern: aligned), bytes, MADV_HUGEPAGE)
  }

  var isEmpty: Bool { free == [whole] }

  func contains(_ address: UInt) -> Bool { whole.contains(address) }

  /// Takes the first free range that is large enough.
  mutating func take(_ bytes: Int) -> UInt? {
    guard let index = free.firstIndex(where: { $0.count >= bytes }) else { return nil }
    let (address, end) = (free[index].lowerBound, free[index].upperBound)
    let rest = address + UInt(bytes)..<end
    if rest.isEmpty { free.remove(at: index) } else { free[index] = rest }
    return address
  }

  mutating func giveBack(_ range: Range<UInt>) {
    var (first, end) = (range.lowerBound, range.upperBound)
    let next = free.firstIndex { $0.lowerBound >= end } ?? free.endIndex
    var joined = next..<next
    if next < free.endIndex, free[next].lowerBound == end {
      end = free[next].upperBound
      joined = next..<next + 1
    }
    if next > 0, free[next - 1].upperBound == first {
      first = free[next - 1].lowerBound
      joined = next - 1..<joined.upperBound
    }
    free.replaceSubrange(joined, with: CollectionOfOne(first..<end))
  }

  func unmap() {
    munmap(UnsafeMutableRawPointer(bitPattern: mapped.lowerBound), mapped.count)
  }
}
