import CausalGapKit

let study = try GapStudy(
  options: "{tasks: sort, seeds: 1-2, layers: 1, heads: 2, d_model: 16, max_steps: 60, output: study, device: cpu}")
for run in try study.run(progress: { print($0.task, $0.seed, "is done") }) {
  print(run.task, run.seed, run.accuracy, run.components.map { "\($0.name) \($0.rankDifference)" })
}
print(try GapRun.read(in: study.folder).count, "runs in", study.folder.relativePath)
