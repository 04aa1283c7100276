import Errors
import Testing

@Suite("Suggestions for misspelt names")
struct SuggestionTests {
  private let names = ["copy", "reverse", "sort", "sort_descending", "max_steps", "batch_size"]

  @Test(
    "ignore letter case, hyphens and a few wrong letters",
    arguments: [
      ("Sort", "sort"), ("srot", "sort"), ("sortt", "sort"), ("max-steps", "max_steps"),
      ("maxsteps", "max_steps"), ("MAX_STEP", "max_steps"), ("batchsize", "batch_size"),
      ("revers", "reverse"),
    ])
  func near(word: String, name: String) {
    #expect(suggestion(for: word, among: names) == name)
    let text = unknownText("option", word, among: names)
    #expect(text.hasPrefix("there is no option '\(word)'; did you mean '\(name)'? There are copy, reverse"))
  }

  @Test("are not made for a word far from every name, or equally near to two")
  func far() {
    for word in ["dance", "", "x", String(repeating: "sort", count: 100_000)] {
      #expect(suggestion(for: word, among: names) == nil)
    }
    #expect(suggestion(for: "cat", among: ["bat", "rat"]) == nil)
    #expect(
      unknownText("verb", "dance", among: ["sort", "copy"]) == "there is no verb 'dance'; use sort, copy")
  }
}
