/// A cache of what a device derives from immutable objects of the caller, such as the tasks into which it
/// cuts ``RowGroups``. Such a form is made on first use and removed when its object no longer exists.
///
/// Each device has its own cache, so devices that share an object do not share forms.
package struct FormCache<Object: AnyObject, Form> {
  private struct Entry {
    weak var object: Object?
    var form: Form
  }

  private var entries: [ObjectIdentifier: Entry] = [:]

  package init() {}

  /// The number of forms in the cache.
  package var count: Int { entries.count }

  /// The form of `object`. It is made by `make` if it is not in the cache.
  package mutating func form(of object: Object, make: () throws -> Form) rethrows -> Form {
    let identifier = ObjectIdentifier(object)
    // An entry of another object was left by one that no longer exists and had the same address.
    if let entry = entries[identifier], entry.object === object { return entry.form }
    let form = try make()
    entries = entries.filter { $0.value.object != nil }
    entries[identifier] = Entry(object: object, form: form)
    return form
  }
}
