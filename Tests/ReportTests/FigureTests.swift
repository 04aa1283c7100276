import Foundation
import Records
import Statistics
import Testing

@testable import Report

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Figures as values and as SVG")
struct FigureTests {
  private func figure(_ marks: [Figure.Mark], legend: [Figure.Series] = []) -> Figure {
    Figure(
      name: "test", title: "A <title> & more", description: "What \"it\" shows",
      panels: [
        .init(x: .init(label: "steps", range: 0...10), y: .init(label: "rho", range: 0...1), marks: marks)
      ],
      legend: legend)
  }

  @Test(
    "an interval that leaves the frame ends in an arrow at the frame, at both ends and in both directions")
  func arrows() {
    func between(_ lower: Double, _ upper: Double) -> Interval {
      Interval(lower: lower, upper: upper, level: 0.95)
    }
    func arrows(_ interval: Interval, isHorizontal: Bool) -> Int {
      figure([.interval(interval, at: 0.5, .ink, isHorizontal: isHorizontal)]).svg()
        .components(separatedBy: "arrow").count - 1
    }
    #expect(arrows(between(0.2, 0.8), isHorizontal: false) == 0)
    #expect(arrows(between(-0.2, 0.8), isHorizontal: false) == 1)
    #expect(arrows(between(-1, 2), isHorizontal: false) == 2)
    #expect(arrows(between(-1, 2), isHorizontal: true) == 1)
  }

  @Test("text is escaped, the document is well-formed, and it has a title and a description")
  func escaping() {
    let svg = figure([.point(.init(x: 1, y: 1), .ink, label: "<script>", component: "\"L0\"")]).svg()
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    #expect(svg.contains("<title>&lt;script&gt;</title>") && !svg.contains("<script>"))
    #expect(svg.contains("A &lt;title&gt; &amp; more") && svg.contains("<desc "))
    #expect(svg.contains("data-component=\"&quot;L0&quot;\""))
  }

  /// A text of a figure: where it stands, and whether it is turned.
  private struct Label {
    let x, y, width: Double
    let isTurned: Bool

    static func all(_ svg: String) -> [Label] {
      let pattern =
        /<text (?:class="t" )?x="([-\d.]+)" y="([-\d.]+)" text-anchor="(\w+)" font-size="([\d.]+)"([^>]*)>([^<]*)</
      return svg.matches(of: pattern).compactMap { match in
        guard let x = Double(match.1), let y = Double(match.2), let size = Double(match.4) else { return nil }
        let width = 0.5 * size * Double(match.6.count)
        let start = match.3 == "middle" ? x - width / 2 : match.3 == "end" ? x - width : x
        return Label(
          x: match.5.contains("rotate") ? x : start, y: y, width: width, isTurned: match.5.contains("rotate"))
      }
    }

    /// Whether they would be printed over each other; only labels that are turned alike are compared.
    func touches(_ other: Label) -> Bool {
      guard isTurned == other.isTurned, abs(y - other.y) < 6 else { return false }
      return isTurned ? abs(x - other.x) < 7 : x < other.x + other.width && other.x < x + width
    }
  }

  @Test(
    "of models with many heads can be read: no text lies on another", arguments: [4, 12, 14, 16, 19, 25, 32])
  func manyHeads(size: Int) throws {
    var random = Synthetic(7)
    let components = (0..<size).flatMap { layer in
      (0...size).map { head in
        let isMLP = head == size
        var component = HandMade.component(
          "L\(layer)_" + (isMLP ? "MLP" : "H\(head)"), delta: 300 * random.normal(), head: isMLP ? nil : head)
        component.layer = layer
        return component
      }
    }
    let runs = [HandMade.run(seed: 1, components: components)]
    let task = try #require(Summary(runs).tasks.first)
    for figure in [rankDifferenceFigure(task, runs, try PaperTables.load()), mapFigure(task, runs)] {
      let figure = try #require(figure)
      let svg = figure.svg()
      #expect(XMLParser(data: Data(svg.utf8)).parse())
      let labels = Label.all(svg)
      #expect(labels.count > 10)
      for (place, one) in labels.enumerated() {
        #expect(!labels[(place + 1)...].contains { $0.touches(one) }, "\(figure.name), \(one)")
      }
    }
    // Every component is in the map, with its name and number for whoever points at it.
    let map = try #require(mapFigure(task, runs)).svg()
    for component in components { #expect(map.contains("\(component.name): ")) }
  }

  @Test("series differ in more than colour: no two of forty share colour, shape and dashes")
  func styles() {
    let styles = (0..<40).map(Figure.Style.series)
    for one in styles.indices {
      for other in styles.indices where other > one {
        #expect(styles[one] != styles[other], "\(one), \(other)")
      }
    }
  }

  /// The contrast of two colours as in WCAG 2.1.
  private func contrast(_ one: String, _ other: String) throws -> Double {
    func luminance(_ colour: String) throws -> Double {
      let value = try #require(Int(colour.dropFirst(), radix: 16))
      let parts = [16, 8, 0].map { (shift: Int) -> Double in
        let part = Double(value >> shift & 255) / 255
        return part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
    let both = [try luminance(one), try luminance(other)].sorted()
    return (both[1] + 0.05) / (both[0] + 0.05)
  }

  @Test("marks have a contrast of 3 : 1 with the ground, and text on a matrix one of 4.5 : 1")
  func contrasts() throws {
    for colour in Palette.series + [Palette.quiet] { #expect(try contrast(colour, Palette.ground) >= 3) }
    for value in stride(from: -1, through: 1, by: 0.25) {
      #expect(try contrast(Palette.diverging(value), Palette.ink) >= 4.5, "\(value)")
    }
    #expect(Palette.diverging(0) == "#ffffff" && Palette.diverging(.nan) == "#ffffff")
  }

  @Test("every panel of a study's figures names its quantities in words, and no legend repeats an entry")
  func words() throws {
    var random = Synthetic(5)
    let runs = (0..<3).map { seed in
      var run = Synthetic.run(
        seed: seed,
        rigorous: Synthetic.rigorous(
          correlations: ["exact_match", "log_probability"].flatMap { effect in
            ["frobenius", "atp_qk_fix"].map {
              Synthetic.correlation($0, "ood", "mean", effect, rho: 0.3 + 0.1 * random.normal())
            }
          },
          lengths: [
            .init(length: 7, inDistribution: true, accuracy: 0.9, rho: 0.4, rhoLogProbability: nil),
            .init(length: 8, inDistribution: false, accuracy: 0.5, rho: 0.2, rhoLogProbability: nil),
          ]), pruning: HandMade.pruning(baseline: 0.7, heroes: 0.2, bloats: 0.6))
      run.training?.accuracies = [.init(step: 500, accuracy: 0.4), .init(step: 1000, accuracy: 0.9)]
      return run
    }
    let draws = ReportDraws(resamples: 49, permutations: 49)
    let summary = try Summary(runs, draws: draws)
    let figures = studyFigures(summary, runs, try PaperTables.load()).compactMap(\.figure)
    #expect(figures.count >= 8)
    for figure in figures {
      let texts =
        figure.panels.flatMap { [$0.title, $0.x.label, $0.y.label] } + figure.legend.map(\.name)
        + [figure.title, figure.description]
      #expect(!texts.contains { $0.contains("_") && !$0.contains("W_O") }, "\(figure.name)")
      for panel in figure.panels {
        // An axis without a label has names for ticks that say what they are.
        #expect(!panel.x.label.isEmpty || panel.x.ticks != nil, "\(figure.name)")
        #expect(!panel.y.label.isEmpty || panel.y.ticks != nil, "\(figure.name)")
      }
      #expect(Set(figure.legend.map(\.name)).count == figure.legend.count, "\(figure.name)")
      #expect(XMLParser(data: Data(figure.svg(width: 234).utf8)).parse(), "\(figure.name)")
    }
  }

  @Test("numbers of any size give a drawing")
  func extremes() {
    let huge = Double.greatestFiniteMagnitude
    for values in [[-huge, huge], [huge, huge], [0, .leastNonzeroMagnitude], [.infinity, 1]] {
      guard let range = Figure.Axis.range(of: values) else { continue }
      let panel = Figure.Panel(
        x: .init(label: "x", range: range), y: .init(label: "y", range: range),
        marks: values.map { .point(.init(x: $0, y: $0), .ink) } + [
          .cell(.init(x: 0, y: 0), .nan, text: "", label: "", component: nil)
        ])
      let svg = Figure(name: "n", title: "t", description: "d", panels: [panel]).svg()
      #expect(
        XMLParser(data: Data(svg.utf8)).parse() && !svg.contains("nan") && !svg.contains("inf"), "\(values)")
    }
  }

  @Test("a published study draws as well, without the figures of the rigorous protocol")
  func published() throws {
    let components = ["L0_H0", "L0_MLP", "L1_H0"].enumerated().map {
      HandMade.component($1, delta: Double($0) - 1, head: $1.hasSuffix("MLP") ? nil : 0)
    }
    let runs = [42, 123].map {
      HandMade.run(
        seed: $0, components: components, pruning: HandMade.pruning(baseline: 1, heroes: nil, bloats: 0.5))
    }
    let names = studyFigures(try Summary(runs), runs, try PaperTables.load()).compactMap(\.figure?.name)
    #expect(
      names == [
        "alignment", "pruning", "map-sort", "scatter-sort", "rank-difference-sort", "frequency-sort",
      ])
  }
}
