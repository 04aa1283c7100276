import Foundation
import Records
import TestSupport
import Testing

@testable import Report

@Suite("The page of a report")
struct PageTests {
  let draws = ReportDraws(resamples: 49, permutations: 49)

  private func published(_ task: String = "sort", seeds: Int = 3, note: String = "") -> [RunRecord] {
    let names = ["L0_H0", "L0_MLP", "L1_H0", "L1_MLP"]
    return (0..<seeds).map { seed in
      let components = names.enumerated().map { place, name in
        HandMade.component(
          name, delta: Double((place + seed) % 4) - 1.5, published: 0.1 * Double(place),
          head: name.hasSuffix("MLP") ? nil : 0)
      }
      var run = HandMade.run(
        task, seed: seed, rho: 0.2 + 0.1 * Double(seed), inWindow: seed != 1, components: components,
        pruning: HandMade.pruning(baseline: 0.7, heroes: 0.2, bloats: 0.6))
      run.notes = note.isEmpty ? [] : [note]
      run.versions = ["causalgap": "1.2.3"]
      return run
    }
  }

  private func html(_ runs: [RunRecord], failures: [RunFailure] = [], isRunning: Bool = false) throws
    -> String
  {
    try StudyReport(
      Summary(runs, failures: failures, draws: draws), runs: runs, isRunning: isRunning
    ).page.html()
  }

  /// What matches the first group of a pattern, everywhere.
  private func all(_ pattern: Regex<(Substring, Substring)>, in text: String) -> [String] {
    text.matches(of: pattern).map { String($0.output.1) }
  }

  @Test("says how heads that share keys and values are scored, with the norm of what they share")
  func sharedKeys() throws {
    var run = Synthetic.run(seed: 1)
    #expect(!(try html([run])).contains("had its own copy"))
    // Four heads, of which two share a head of keys.
    run.components = (0..<4).map { head in
      var component = HandMade.component("L0_H\(head)", delta: 0, head: head)
      component.gradient = ["frobenius": 0.5 + Double(head)]
      return component
    }
    (run.configuration.heads, run.configuration.keyHeads) = (4, 2)
    run.rigorous?.keyGroups = (0..<2).map {
      RunRecord.KeyGroup(layer: 0, keyHead: $0, frobenius: 0.25 + Double($0))
    }
    let table = try #require(keyGroupsTable(run))
    #expect(
      table.rows.map { $0.map(\.shown) } == [
        ["0", "0", "0.2500", "L0_H0", "0.5000"], ["0", "0", "0.2500", "L0_H1", "1.5000"],
        ["0", "1", "1.2500", "L0_H2", "2.5000"], ["0", "1", "1.2500", "L0_H3", "3.5000"],
      ])
    let page = try html([run])
    #expect(page.contains("4 heads of queries share 2 heads of keys and values"))
    #expect(page.contains("a head is scored as if it had its own copy of them"))
    #expect(page.contains("Norm of the loss gradient of shared value weights"))
  }

  @Test("verdicts come first, and every link inside the page has a target")
  func links() throws {
    let runs = published() + published("reverse")
    let html = try html(runs)
    let sections = all(/<section id="([^"]*)"/, in: html)
    #expect(sections.first == "verdicts" && sections.last == "data" && sections.contains("paper"))
    let identifiers = all(/\sid="([^"]*)"/, in: html)
    let places = Set(identifiers)
    let links = all(/href="#([^"]*)"/, in: html)
    #expect(
      links.count > sections.count && links.allSatisfy(places.contains),
      "\(links.filter { !places.contains($0) })")
    #expect(places.count == identifiers.count)
    for words in [
      "Holds: 0; does not hold: 0; inconclusive: 5.",
      "Rule: two-sided sign-flip test over seeds of rho minus 0.5, p ≤ 0.05 after Holm&#39;s correction for ",
      "3 seeds", "1.2.3",
    ] {
      #expect(html.contains(words), "\(words)")
    }
  }

  @Test("text from records is escaped wherever it stands, also in figures and data")
  func escaping() throws {
    let hostile = "</script><script>alert('x')</script>\" onload=\"1"
    let runs = published(hostile, note: hostile)
    let html = try html(runs, failures: [.init(task: hostile, seed: 9, reason: hostile)])
    // Inside the data, quotation marks are JSON's to escape; no sign of markup is left there.
    let data = try #require(all(/id="records">([^<]*)</, in: html).first)
    let markup = html.replacing(data, with: "")
    #expect(!markup.contains("alert('x')") && !markup.contains("\" onload=\""))
    // The page's own two: data and script.
    #expect(html.components(separatedBy: "<script").count == 1 + 2)
    #expect(html.components(separatedBy: "</script").count == 1 + 2)
    #expect(html.contains("&lt;/script&gt;"))
  }

  @Test("the page refers to nothing outside itself, and its policy allows nothing else")
  func selfContained() throws {
    let html = try html(published())
    #expect(html.contains("default-src 'none'"))
    #expect(all(/(?:src|href)="([^"]*)"/, in: html).allSatisfy { $0.hasPrefix("#") })
    let addresses = Set(all(/(https?:\/\/[^"'\s<]*)/, in: html))
    #expect(addresses == ["http://www.w3.org/2000/svg"], "\(addresses)")
  }

  @Test("a page reloads itself while runs go on, and only then")
  func refresh() throws {
    #expect(try html(published(), isRunning: true).contains("http-equiv=\"refresh\""))
    #expect(try !html(published()).contains("http-equiv=\"refresh\""))
  }

  @Test(
    "the data hold every run and component, in the order of the records, and records in any order give the same bytes"
  )
  func data() throws {
    struct Content: Decodable {
      var tasks: [Task]
      struct Task: Decodable {
        var task: String
        var components: [Component]
        var runs: [Run]
      }
      struct Component: Decodable { var name: String }
      struct Run: Decodable {
        var seed: Int
        var window: Bool
        var gradient, causal: [String: [Double?]]
      }
    }
    let runs = published() + published("reverse", seeds: 2)
    let html = try html(runs)
    #expect(try self.html(runs.reversed()) == html)
    let text = try #require(all(/id="records">([^<]*)</, in: html).first)
    let data = try JSONDecoder().decode(Content.self, from: Data(text.utf8))
    #expect(data.tasks.map(\.task) == ["sort", "reverse"] && data.tasks.map(\.runs.count) == [3, 2])
    #expect(data.tasks[0].components.map(\.name) == ["L0_H0", "L0_MLP", "L1_H0", "L1_MLP"])
    #expect(data.tasks[0].runs.map(\.window) == [true, false, true])
    #expect(data.tasks[0].runs[0].causal["published"] == [0, 0.1, 0.2, 0.3])
    #expect(data.tasks[0].runs[0].gradient["frobenius"]?.count == 4)
  }

  @Test("excluded and failed runs are listed with their reasons")
  func excluded() throws {
    let html = try html(
      published(), failures: [.init(task: "copy", seed: 9, reason: "not a finite number at step 2")])
    #expect(html.contains("not a finite number at step 2") && html.contains("failed"))
    #expect(html.contains("its accuracy of 0.50 is outside the paper&#39;s window"))
  }

  @Test("a study without a finished run has a page")
  func empty() throws {
    let html = try html([])
    #expect(html.contains("No run has finished yet.") && html.contains("</html>"))
  }

  @Test("a rigorous study's page has the verdicts of the summary, each with its rule")
  func rigorous() throws {
    let runs = (0..<3).map { seed in
      Synthetic.run(
        seed: seed,
        rigorous: Synthetic.rigorous(
          gradients: [Synthetic.gradient([1, 2, 3, 4, 5, 6, 7, 8])],
          causal: [Synthetic.causal([8, 7, 6, 5, 4, 3, 2, 1])],
          correlations: [Synthetic.correlation(rho: -1)],
          pairs: (0..<8).map { first in (0..<8).map { Double(first * $0) } }))
    }
    let verdicts = try #require(try Summary(runs, draws: draws).rigorous?.verdicts)
    let html = try html(runs)
    #expect(all(/(<li class="verdict )/, in: html).count == verdicts.count)
    for verdict in verdicts { #expect(html.contains(Markup.escaped(verdict.rule)), "\(verdict.rule)") }
    #expect(
      html.contains("id=\"figure-pairs-sort\"") && html.contains("&quot;mean exact_match&quot;") == false)
    #expect(html.contains("\"mean exact_match\":[8,7,6,5,4,3,2,1]"))
  }

  @Test("a comparison's page shows its figures and links the pages of its studies")
  func across() throws {
    try withFolder { folder in
      let across = try AcrossStudies(Synthetic.depths(tasks: ["sort", "reverse"]), draws: draws)
      try AcrossReport(
        across, notes: ["6 of 9 runs are done"], pages: ["depth-2": "studies/depth-2/report.html"]
      )
      .write(to: StudyFolder(folder))
      let html = try String(contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
      #expect(html.contains("id=\"figure-depth\"") && html.contains("6 of 9 runs are done"))
      #expect(html.contains("href=\"studies/depth-2/report.html\""))
      #expect(html.contains("rho falls with depth") && html.contains("✓ holds"))
    }
  }
}
