import Foundation
import Records
import TestSupport
import Testing

@testable import Report

@Suite("The files over all runs")
struct LongTableTests {
  /// The lines of a file's text.
  private func lines(_ name: String, of tables: [LongTable]) throws -> [String] {
    try withFolder { folder in
      try LongTable.write(tables, to: folder)
      return try String(contentsOf: folder.appendingPathComponent("\(name).csv"), encoding: .utf8)
        .split(separator: "\n").map(String.init)
    }
  }

  private var run: RunRecord {
    HandMade.run(
      seed: 42,
      components: [
        HandMade.component("L0_H0", delta: -1, published: 0.25, mean: 0.5),
        HandMade.component("L0_MLP", delta: 1, head: nil),
      ])
  }

  @Test("components has a row for each component and intervention; an MLP has its kind and no head")
  func components() throws {
    let lines = try lines("components", of: longTables([run]))
    #expect(
      lines[0]
        == "protocol,task,seed,in_window,component,kind,layer,head,score,gradient,gradient_rank,intervention,"
        + "metric,is_own,effect,standard_error,effect_first_half,effect_second_half,causal_rank,delta,class")
    let start = "published,sort,42,true,L0_H0,head,0,0,frobenius,0.30000000000000004,3.0"
    #expect(lines[1] == "\(start),mean,exact_match,false,0.5,,,,1.5,1.5,bloat")
    #expect(lines[2] == "\(start),published,exact_match,true,0.25,,,,4.0,-1.0,neutral")
    #expect(lines[3].hasPrefix("published,sort,42,true,L0_MLP,mlp,0,,frobenius,"))
    #expect(lines.count == 5)
  }

  @Test(
    "of a rigorous record, components has every metric with its standard errors and halves, and scores every score"
  )
  func rigorous() throws {
    let count = Synthetic.names.count
    let values = (0..<count).map { 0.1 * Double($0) }
    var gradient = Synthetic.gradient(values)
    gradient.second = values.map { 2 * $0 }
    var logits = Synthetic.causal(values)
    (logits.effect, logits.first) = ("logit_difference", values.map { -$0 })
    let run = Synthetic.run(
      seed: 3,
      rigorous: Synthetic.rigorous(
        gradients: [gradient], causal: [Synthetic.causal(values), logits],
        correlations: [
          Synthetic.correlation(rho: 0.5, corrected: 0.75),
          Synthetic.correlation("fisher", rho: nil, reason: "a, b"),
        ]))
    let tables = longTables([run])
    let components = try lines("components", of: tables).dropFirst()
    #expect(components.count == 2 * count)
    #expect(
      components.contains(
        "rigorous,sort,3,true,L0_H1,head,0,1,frobenius,,1.0,mean,logit_difference,false,0.1,0.01,-0.1,0.1,,,")
    )
    let scores = try lines("scores", of: tables)
    #expect(
      scores[0]
        == "protocol,task,seed,in_window,component,kind,layer,head,score,distribution,value,value_first_half,"
        + "value_second_half")
    #expect(
      scores[2] == "rigorous,sort,3,true,L0_H1,head,0,1,frobenius,ood,0.1,0.1,0.2"
        && scores.count == count + 1)
    let rhos = try lines("rhos", of: tables)
    #expect(rhos[1] == "rigorous,sort,3,true,frobenius,ood,mean,exact_match,0.5,0.75,,,")
    #expect(rhos[2] == "rigorous,sort,3,true,fisher,ood,mean,exact_match,,,,,\"a, b\"" && rhos.count == 3)
  }

  @Test(
    "runs has a row for each run, with settings that only some have, and the study in front where there are several"
  )
  func runs() throws {
    var other = HandMade.run(
      "reverse", seed: 7, rho: nil, measures: ["mean": .init(rho: 0.25, heroes: [], bloats: [])])
    other.configuration.warmupSteps = 100
    other.training = nil
    let text = try lines("runs", of: longTables([run, other]))
    let names = text[0].split(separator: ",").map(String.init)
    #expect(Set(names).count == names.count && names.contains("warmup_steps") && !names.contains("study"))
    func value(_ name: String, _ line: String) -> String? {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return names.firstIndex(of: name).map { fields[$0] }
    }
    #expect(text.count == 3)
    #expect(
      value("task", text[1]) == "reverse" && value("rho", text[1]) == ""
        && value("rho_mean", text[1]) == "0.25")
    #expect(value("warmup_steps", text[1]) == "100" && value("warmup_steps", text[2]) == "")
    #expect(value("steps", text[1]) == "" && value("steps", text[2]) == "1000")
    #expect(value("learning_rate", text[2]) == "0.001" && value("d_model", text[2]) == "128")

    let studies = [
      StudyRecords(folder: "b", records: [other]), StudyRecords(folder: "a", records: [run, other]),
    ]
    let across = try lines("runs", of: longTables(studies))
    #expect(across[0] == "study," + text[0])
    #expect(across.dropFirst().map { $0.prefix(2) } == ["b,", "a,", "a,"])
  }

  @Test("rows of many runs come in order, and a file as JSON Lines of an earlier version goes")
  func many() throws {
    let runs = (0..<150).map { HandMade.run(seed: 149 - $0) }
    try withFolder { folder in
      let old = folder.appendingPathComponent("components.jsonl")
      try Data("{}".utf8).write(to: old)
      try LongTable.write(longTables(runs), to: folder)
      #expect(!FileManager.default.fileExists(atPath: old.path))
    }
    let seeds = try lines("runs", of: longTables(runs)).dropFirst().map { $0.split(separator: ",")[2] }
    #expect(seeds == (0..<150).map { "\($0)" })
  }
}
