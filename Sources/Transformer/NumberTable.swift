/// A table from non-negative numbers to numbers, for the many small ones that packing makes: faster than a dictionary, and
/// emptied without touching its memory.
struct NumberTable {
  private struct Slot {
    var key = 0
    var value: Int32 = 0
    /// The filling that the slot belongs to.
    var filling: UInt32 = 0
  }

  private var slots = [Slot](repeating: Slot(), count: 256)
  private var count = 0
  private var filling: UInt32 = 1

  mutating func removeAll() {
    count = 0
    filling &+= 1
    // Once in four thousand million fillings, old slots would seem new.
    if filling == 0 { self = NumberTable() }
  }

  /// The value of a key. One that is not there gets `value`, and nil is returned.
  mutating func find(_ key: Int, orInsert value: Int32) -> Int32? {
    if 2 * count >= slots.count { grow() }
    let place = place(of: key)
    if slots[place].filling == filling { return slots[place].value }
    slots[place] = Slot(key: key, value: value, filling: filling)
    count += 1
    return nil
  }

  /// Where a key is, or would be.
  private func place(of key: Int) -> Int {
    let mask = slots.count - 1
    // The upper half of a product with an odd number is mixed well (Knuth, volume 3, 6.4).
    var place =
      Int(truncatingIfNeeded: (UInt64(truncatingIfNeeded: key) &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    while slots[place].filling == filling, slots[place].key != key { place = (place + 1) & mask }
    return place
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: 2 * old.count)
    for slot in old where slot.filling == filling { slots[place(of: slot.key)] = slot }
  }
}
