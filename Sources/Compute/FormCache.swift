import Synchronization

/// Names an immutable object of the caller from which devices derive forms: no other object of the process has the same
/// number, before or after.
package struct FormKey: Sendable {
  fileprivate let number: Int
  /// Exists as long as the object. Caches refer to it weakly, and not to the object, whose references would then be counted
  /// more slowly.
  fileprivate let life = Life()

  fileprivate final class Life: Sendable {}

  private static let numbers = Atomic(0)

  init() { number = Self.numbers.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// A cache of what a device derives from immutable objects of the caller, such as the tasks into which it
/// cuts ``RowGroups``. Such a form is made on first use and removed when its object no longer exists.
///
/// Each device has its own cache, so devices that share an object do not share forms.
package struct FormCache<Form: AnyObject> {
  private var table = FormTable()

  package init() {}

  /// The number of forms in the cache.
  package var count: Int { table.count }

  /// The form of the object with this key. It is made by `make` if it is not in the cache.
  package mutating func form(of key: FormKey, make: () throws -> Form) rethrows -> Form {
    if let known = table.form(of: key) { return unsafeDowncast(known, to: Form.self) }
    let form = try make()
    table.insert(form, for: key)
    return form
  }
}

/// The part of a cache that does not depend on the type of its forms, and so is compiled once.
private struct FormTable {
  private struct Entry {
    weak var life: FormKey.Life?
    let form: AnyObject
  }

  // Side by side: every operation looks for a number among a handful.
  private var numbers: [Int] = []
  private var entries: [Entry] = []

  var count: Int { numbers.count }

  func form(of key: FormKey) -> AnyObject? {
    for index in numbers.indices where numbers[index] == key.number { return entries[index].form }
    return nil
  }

  /// Adds a form, and removes those whose objects no longer exist.
  mutating func insert(_ form: AnyObject, for key: FormKey) {
    for index in numbers.indices.reversed() where entries[index].life == nil {
      numbers.remove(at: index)
      entries.remove(at: index)
    }
    numbers.append(key.number)
    entries.append(Entry(life: key.life, form: form))
  }
}
