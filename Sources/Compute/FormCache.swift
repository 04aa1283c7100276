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
package struct FormCache<Form> {
  private struct Life {
    weak var object: FormKey.Life?
  }

  // Side by side: every operation looks for a number among a handful.
  private var numbers: [Int] = []
  private var lives: [Life] = []
  private var forms: [Form] = []

  package init() {}

  /// The number of forms in the cache.
  package var count: Int { numbers.count }

  /// The form of the object with this key. It is made by `make` if it is not in the cache.
  package mutating func form(of key: FormKey, make: () throws -> Form) rethrows -> Form {
    for index in numbers.indices where numbers[index] == key.number { return forms[index] }
    let form = try make()
    let living = lives.indices.filter { lives[$0].object != nil }
    (numbers, lives, forms) = (living.map { numbers[$0] }, living.map { lives[$0] }, living.map { forms[$0] })
    numbers.append(key.number)
    lives.append(Life(object: key.life))
    forms.append(form)
    return form
  }
}
