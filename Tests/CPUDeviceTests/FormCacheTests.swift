import Compute
import Testing

@Suite("Forms of row groups") struct FormCacheTests {
  final class Form {
    let number: Int

    init(number: Int) { self.number = number }
  }

  @Test("a form is made once for each object, and each cache has its own")
  func once() throws {
    let rows = try RowGroups(rows: 7)
    var (first, second) = (FormCache<Form>(), FormCache<Form>())
    var made = 0
    func make() -> Form {
      made += 1
      return Form(number: made)
    }
    for _ in 0..<3 {
      #expect(first.form(of: rows.formKey, make: make).number == 1)
      #expect(second.form(of: rows.formKey, make: make).number == 2)
    }
    #expect(made == 2)
  }

  @Test("the form of a released object is released, and never used for another object")
  func released() throws {
    var cache = FormCache<Form>()
    weak var old: Form?
    for count in 1...100 {
      let rows = try RowGroups(rows: count)
      var isNew = false
      let form = cache.form(of: rows.formKey) {
        isNew = true
        return Form(number: count)
      }
      #expect(isNew)
      #expect(old == nil)
      #expect(cache.count == 1)
      old = form
    }
  }

  @Test("row groups and layouts may be used from any thread")
  func sendable() throws {
    func check(_ value: some Sendable) {}
    check(try RowGroups(rows: 1))
    check(try AttentionLayout([], positions: []))
  }
}
