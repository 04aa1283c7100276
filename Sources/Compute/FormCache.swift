/// A device's own forms of immutable objects of the caller, such as ``RowGroups``: made on first use, and forgotten once
/// their object no longer exists.
///
/// Each device has its own, so devices that share an object do not share forms.
package struct FormCache<Object: AnyObject, Form> {
  private struct Entry {
    weak var object: Object?
    var form: Form
  }

  private var entries: [ObjectIdentifier: Entry] = [:]

  package init() {}

  /// Forms that are kept.
  package var count: Int { entries.count }

  /// The form of `object`, made by `make` unless it is kept.
  package mutating func form(of object: Object, make: () throws -> Form) rethrows -> Form {
    let identifier = ObjectIdentifier(object)
    // Where the object is another one, it lies where a forgotten one lay.
    if let entry = entries[identifier], entry.object === object { return entry.form }
    let form = try make()
    entries = entries.filter { $0.value.object != nil }
    entries[identifier] = Entry(object: object, form: form)
    return form
  }
}
