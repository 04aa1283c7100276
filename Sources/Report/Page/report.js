// The report's script: selectors for the map and the scatter plot, linked components, downloads, and deep links.
// Without it the static figures and tables carry the argument.
"use strict";

const data = JSON.parse(document.getElementById("records").textContent);

// ---- Small tools

const svgNames = "http://www.w3.org/2000/svg";

/** Makes an element; text is set as text, never as markup. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function draw(name, attributes, text) {
  const element = document.createElementNS(svgNames, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function titled(element, text) {
  element.append(draw("title", {}, text));
  return element;
}

/** A number with a true minus sign. Exact halves go to the even digit, as in the static tables and figures. */
function number(value, digits) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const scaled = value * 10 ** digits;
  const isHalf = Number.isInteger(value * 1024) && Math.abs(scaled % 1) === 0.5;
  const text = (isHalf ? (2 * Math.round(scaled / 2)) / 10 ** digits : value).toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

function save(name, type, content) {
  const link = make("a", { download: name });
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Ranks ascending from 1; ties share the average. */
function ranks(values) {
  const order = values.map((value, place) => place).sort((a, b) => values[a] - values[b]);
  const result = new Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]] === values[order[start]]) end += 1;
    for (let place = start; place <= end; place += 1) result[order[place]] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return result;
}

/** Spearman's rank correlation of two lists; null if one is constant or has a missing value. */
function spearman(one, other) {
  if (!one || !other || [...one, ...other].some((value) => value === null)) return null;
  const [x, y] = [ranks(one), ranks(other)];
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((value, place) => {
    xy += (value - meanX) * (y[place] - meanY);
    xx += (value - meanX) ** 2;
    yy += (y[place] - meanY) ** 2;
  });
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

/** The quantile of Student's t for a 95 % interval, by degrees of freedom. */
function student(freedom) {
  const table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
  // Cornish and Fisher's expansion is right to three decimals from eleven degrees on.
  const z = 1.959964;
  return table[freedom - 1] ?? z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}

/** Mean and 95 % interval over seeds (Student's t), kept inside −1 to 1. */
function estimate(values) {
  if (values.length === 0) return null;
  const middle = mean(values);
  if (values.length === 1) return { mean: middle };
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  const half = student(values.length - 1) * Math.sqrt(variance / values.length);
  return { mean: middle, lower: Math.max(-1, middle - half), upper: Math.min(1, middle + half) };
}

/** From blue (−1) through white to red (1), as in the static figures. */
function diverging(value) {
  const end = value < 0 ? [86, 160, 220] : [240, 128, 92];
  const share = Number.isFinite(value) ? Math.min(Math.abs(value), 1) : 0;
  return `rgb(${end.map((part) => Math.round(255 + (part - 255) * share)).join(",")})`;
}

// ---- State, which the address holds after the name of a section: #map;task=sort;seed=42;component=L3_H1

const state = {};

function readAddress() {
  const parts = decodeURIComponent(location.hash.slice(1)).split(";").slice(1);
  return Object.fromEntries(parts.map((part) => part.split("=")).filter((pair) => pair.length === 2));
}

function writeAddress(section) {
  const parts = Object.entries(state).filter(([, value]) => value).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  history.replaceState(null, "", `#${[section, ...parts].join(";")}`);
}

// ---- Linked components

function link(name) {
  for (const element of document.querySelectorAll(".linked")) element.classList.remove("linked");
  if (!name) return;
  for (const element of document.querySelectorAll("[data-component]")) {
    if (element.dataset.component.split(" ").includes(name)) element.classList.add("linked");
  }
}

function pick(name) {
  state.component = state.component === name ? "" : name;
  link(state.component);
  const picked = document.querySelector(".picked");
  if (picked) picked.textContent = state.component ? `Marked everywhere: ${state.component}` : "";
  writeAddress("map");
}

function component(event) {
  return event.target.closest?.("[data-component]")?.dataset.component.split(" ")[0];
}

document.addEventListener("click", (event) => {
  const name = component(event);
  if (name) pick(name);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.component) pick(state.component);
  const name = component(event);
  if (!name || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  pick(name);
});
document.addEventListener("pointerover", (event) => {
  const name = component(event);
  if (name) link(name);
});
document.addEventListener("pointerout", (event) => {
  if (component(event)) link(state.component);
});

// ---- The explorer

function select(label, key, options) {
  const list = make("select", { name: key });
  for (const [value, text] of options) list.append(make("option", { value }, text));
  if (options.some(([value]) => value === state[key])) list.value = state[key];
  state[key] = list.value;
  list.addEventListener("change", () => {
    state[key] = list.value;
    explore();
    writeAddress("map");
  });
  return make("label", {}, label, list);
}

function words(name) {
  return data.words[name] ?? name;
}

function runsOf(task) {
  return task.runs.filter(
    (run) =>
      (state.window !== "inside" || run.window) && (state.window !== "outside" || !run.window)
      && (state.training !== "converged" || run.converged) && (state.training !== "not" || run.converged === false));
}

/** Builds the selectors for the chosen task, and draws. */
function explore() {
  const box = document.getElementById("explorer");
  const task = data.tasks.find((one) => one.task === state.task) ?? data.tasks[0];
  state.task = task.task;
  const focused = document.activeElement?.name;
  const names = (kind) => [...new Set(task.runs.flatMap((run) => Object.keys(run[kind])))].map((name) => [name, words(name)]);
  const tools = make(
    "div", { class: "tools" },
    select("task", "task", data.tasks.map((one) => [one.task, one.name])),
    select("gradient score", "score", names("gradient")),
    select("intervention", "causal", names("causal")),
    select("accuracy window", "window", [["", "all seeds"], ["inside", "inside"], ["outside", "outside"]]),
    select("training", "training", [["", "all"], ["converged", "converged"], ["not", "not converged"]]));
  const runs = runsOf(task);
  tools.append(select("seed", "seed", [["", "mean of all"], ...runs.map((run) => [String(run.seed), String(run.seed)])]));
  const chosen = runs.filter((run) => !state.seed || String(run.seed) === state.seed);
  const scored = chosen.filter((run) => spearman(run.gradient[state.score], run.causal[state.causal]) !== null);
  const count = make("p", { role: "status" }, `n = ${scored.length} of ${task.runs.length} ${task.runs.length === 1 ? "seed" : "seeds"}`);
  if (scored.length < chosen.length) count.append(`; ${chosen.length - scored.length} without a rho for this choice`);
  const plots = make(
    "div", { class: "plots" }, make("div", { class: "column" }, mapPlot(task, scored), stripPlot(runs)), scatterPlot(task, scored));
  box.replaceChildren(tools, count, make("p", { class: "picked", role: "status" }), plots);
  box.hidden = false;
  if (focused) box.querySelector(`[name="${focused}"]`)?.focus();
  link(state.component);
}

/** Means by the chosen scores: [gradient rank, causal rank, their difference] for each component. Differences of ranks are exact, those of mean ranks are not. */
function meanRanks(task, runs) {
  const all = runs.map((run) => [ranks(run.gradient[state.score]), ranks(run.causal[state.causal])]);
  const sides = [(pair, place) => pair[0][place], (pair, place) => pair[1][place], (pair, place) => pair[0][place] - pair[1][place]];
  return task.components.map((one, place) => sides.map((side) => (all.length ? mean(all.map((pair) => side(pair, place))) : NaN)));
}

function frame(width, height, title, description) {
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "font-size": 11, "font-family": "sans-serif" });
  svg.append(draw("title", {}, title), draw("desc", {}, description));
  return svg;
}

function figure(name, svg, caption) {
  const element = make("figure", { "data-name": name }, make("div", { class: "scroll" }, svg), make("figcaption", {}, caption));
  addFigureTools(element);
  return element;
}

function mapPlot(task, runs) {
  const heads = [...new Set(task.components.map((one) => one.head).filter((head) => head !== null))].sort((a, b) => a - b);
  const layers = [...new Set(task.components.map((one) => one.layer))].sort((a, b) => a - b);
  const [left, cell] = [50, Math.max(28, Math.min(64, 380 / (heads.length + 1)))];
  const height = 24 + 30 * layers.length + 20;
  const svg = frame(left + cell * (heads.length + 1) + 8, height, "Gradient rank minus causal rank", "By layer and head; mean over the chosen seeds.");
  const places = meanRanks(task, runs);
  [...heads.map((head) => `head ${head}`), "MLP"].forEach((text, column) => {
    const short = cell < 45 ? text.replace("head ", "h") : text;
    svg.append(draw("text", { class: "t", x: left + cell * (column + 0.5), y: 14, "text-anchor": "middle" }, short));
  });
  layers.forEach((layer, row) => svg.append(draw("text", { class: "t", x: left - 6, y: 24 + 30 * row + 19, "text-anchor": "end" }, `layer ${layer}`)));
  task.components.forEach((one, place) => {
    const delta = places[place][2];
    const column = one.head === null ? heads.length : heads.indexOf(one.head);
    const [x, y] = [left + cell * column, 24 + 30 * layers.indexOf(one.layer)];
    const box = draw("rect", {
      x, y, width: cell, height: 30, fill: diverging((2 * delta) / Math.max(task.components.length - 1, 1)), stroke: "#fff",
      "data-component": one.name, tabindex: 0, role: "button", "aria-label": `${one.name}: ${number(delta, 1)} ranks`,
    });
    svg.append(titled(box, `${one.name}: gradient rank ${number(places[place][0], 1)}, causal rank ${number(places[place][1], 1)}`));
    svg.append(draw("text", { x: x + cell / 2, y: y + 19, "text-anchor": "middle", fill: "#1a1a1a", "pointer-events": "none" }, number(delta, 1)));
  });
  return figure("map", svg, "Gradient rank minus causal rank. Blue: undervalued by the gradient; red: overvalued.");
}

function scatterPlot(task, runs) {
  const [size, left, count] = [330, 42, task.components.length + 1];
  const place = (rank) => (rank / count) * size;
  const svg = frame(left + size + 8, size + 44, "Gradient rank against causal rank", "One mark for each component; mean ranks over the chosen seeds.");
  svg.append(draw("line", { class: "s quiet", x1: left, y1: size + 6, x2: left + size, y2: 6, stroke: "#6f6f6f" }));
  for (const [x1, y1, x2, y2] of [[left, 6, left, size + 6], [left, size + 6, left + size, size + 6]]) {
    svg.append(draw("line", { class: "s ink", x1, y1, x2, y2, stroke: "#1a1a1a" }));
  }
  const step = count > 12 ? 5 : count > 6 ? 2 : 1;
  for (let rank = step; rank < count; rank += step) {
    svg.append(draw("text", { class: "t", x: left + place(rank), y: size + 20, "text-anchor": "middle" }, rank));
    svg.append(draw("text", { class: "t", x: left - 5, y: size + 10 - place(rank), "text-anchor": "end" }, rank));
  }
  svg.append(draw("text", { class: "t", x: left + size / 2, y: size + 38, "text-anchor": "middle" }, `causal rank: ${words(state.causal)}`));
  svg.append(draw("text", { class: "t", x: 12, y: size / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${size / 2})` }, `gradient rank: ${words(state.score)}`));
  meanRanks(task, runs).forEach(([gradient, causal], index) => {
    if (!Number.isFinite(gradient)) return;
    const one = task.components[index];
    const [x, y] = [left + place(causal), size + 6 - place(gradient)];
    const shape = one.head === null
      ? draw("rect", { x: x - 4, y: y - 4, width: 8, height: 8 })
      : draw("circle", { cx: x, cy: y, r: 4.5 });
    for (const [key, value] of Object.entries({
      class: `s f ${one.head === null ? "c1" : "c0"}`, fill: one.head === null ? "#d55e00" : "#0072b2", "data-component": one.name, tabindex: 0,
      role: "button", "aria-label": `${one.name}: gradient rank ${number(gradient, 1)}, causal rank ${number(causal, 1)}`,
    })) shape.setAttribute(key, value);
    svg.append(titled(shape, `${one.name}: gradient rank ${number(gradient, 1)}, causal rank ${number(causal, 1)}`));
  });
  return figure("scatter", svg, "Circles: heads; squares: MLPs. Below the line the gradient undervalues a component.");
}

/** Rho of every seed that passes the filters, with mean and interval: a strip for each gradient score. */
function stripPlot(runs) {
  const scores = [...new Set(runs.flatMap((run) => Object.keys(run.gradient)))];
  const [left, width, row] = [205, 240, 26];
  const place = (rho) => left + ((rho + 1) / 2) * width;
  const height = row * scores.length + 34;
  const svg = frame(left + width + 10, height, "Rho of every seed", "A strip for each gradient score, with the mean and its 95 % interval.");
  for (const tick of [-1, -0.5, 0, 0.5, 1]) {
    svg.append(draw("line", { class: "grid", x1: place(tick), y1: 4, x2: place(tick), y2: height - 30, stroke: "#dddddd" }));
    svg.append(draw("text", { class: "t", x: place(tick), y: height - 17, "text-anchor": "middle" }, number(tick, tick % 1 ? 1 : 0)));
  }
  svg.append(draw("text", { class: "t", x: left + width / 2, y: height - 3, "text-anchor": "middle" }, `rho with ${words(state.causal)}`));
  scores.forEach((score, index) => {
    const y = row * index + row / 2 + 4;
    const rhos = runs.map((run) => [run.seed, spearman(run.gradient[score], run.causal[state.causal])]).filter(([, rho]) => rho !== null);
    svg.append(draw("text", { class: "t", x: left - 8, y: y + 4, "text-anchor": "end" }, `${words(score)} (${rhos.length})`));
    rhos.forEach(([seed, rho], number_) => {
      const offset = rhos.length > 1 ? (12 * number_) / (rhos.length - 1) - 6 : 0;
      const dot = draw("circle", { class: "s c0", cx: place(rho), cy: y + offset, r: 2.2, fill: "none", stroke: "#0072b2" });
      svg.append(titled(dot, `seed ${seed}: ${number(rho, 3)}`));
    });
    const found = estimate(rhos.map(([, rho]) => rho));
    if (!found) return;
    if (found.lower !== undefined) {
      svg.append(draw("line", { class: "s ink", x1: place(found.lower), y1: y, x2: place(found.upper), y2: y, stroke: "#1a1a1a", "stroke-width": 1.5 }));
    }
    const text = found.lower === undefined ? "" : ` [${number(found.lower, 2)}, ${number(found.upper, 2)}]`;
    svg.append(titled(draw("path", { class: "s f ink", d: `M${place(found.mean)} ${y - 5}l4 5l-4 5l-4-5z`, fill: "#1a1a1a" }), `mean ${number(found.mean, 2)}${text}, n ${rhos.length}`));
  });
  return figure("rhos", svg, "Rho by gradient score; in parentheses the number of seeds. Bars: mean and 95 % interval (Student's t), by the filters above.");
}

// ---- Saving figures and tables

/** The figure as a document of its own, with the colours that it has on this page. */
function standalone(svg) {
  const copy = svg.cloneNode(true);
  const [originals, copies] = [svg.querySelectorAll("*"), copy.querySelectorAll("*")];
  originals.forEach((element, place) => {
    const style = getComputedStyle(element);
    for (const key of ["fill", "stroke"]) {
      if (element.hasAttribute(key) || element.tagName === "text") copies[place].setAttribute(key, style[key]);
    }
  });
  const box = svg.viewBox.baseVal;
  copy.setAttribute("xmlns", svgNames);
  copy.setAttribute("width", box.width);
  copy.setAttribute("height", box.height);
  const ground = draw("rect", { width: "100%", height: "100%", fill: getComputedStyle(document.body).backgroundColor });
  copy.insertBefore(ground, copy.firstChild);
  return new XMLSerializer().serializeToString(copy);
}

function savePNG(name, svg) {
  const image = new Image();
  const source = URL.createObjectURL(new Blob([standalone(svg)], { type: "image/svg+xml" }));
  image.addEventListener("load", () => {
    const canvas = make("canvas");
    const box = svg.viewBox.baseVal;
    // About 300 dots an inch.
    [canvas.width, canvas.height] = [box.width * 4, box.height * 4];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(`${name}.png`, "image/png", blob));
    URL.revokeObjectURL(source);
  });
  image.src = source;
}

function button(text, label, action) {
  const element = make("button", { type: "button", "aria-label": label }, text);
  element.addEventListener("click", action);
  return element;
}

function addFigureTools(element) {
  const [svg, name] = [element.querySelector("svg"), element.dataset.name];
  element.append(
    make(
      "div", { class: "tools" },
      button("SVG", `Save the figure ${name} as SVG`, () => save(`${name}.svg`, "image/svg+xml", standalone(svg))),
      button("PNG", `Save the figure ${name} as PNG`, () => savePNG(name, svg))));
}

/** The columns and rows of a table; the headings of groups stand before their columns'. */
function grid(table) {
  const [last] = [...table.tHead.rows].slice(-1);
  const groups = table.tHead.rows.length > 1 ? [...table.tHead.rows[0].cells].flatMap((cell) => Array(cell.colSpan).fill(cell.textContent)) : [];
  const header = [...last.cells].map((cell, place) => `${groups[place] ?? ""} ${cell.textContent}`.trim());
  return { header, rows: [...table.tBodies[0].rows].map((row) => [...row.cells]) };
}

/** All digits: an estimate has a column for its value and one for each end. */
function csv(table) {
  const { header, rows } = grid(table);
  // The cells of a column may have different numbers of values.
  const parts = header.map((_, column) =>
    rows.map((row) => (row[column].dataset.parts ?? "").split(",")).reduce((longest, found) => (found.length > longest.length ? found : longest)));
  const quote = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const fields = (cell, column) => {
    const found = cell.dataset.values?.split(",") ?? [cell.textContent.startsWith("–") ? "" : cell.textContent];
    return parts[column].map((_, part) => found[part] ?? "");
  };
  const names = header.flatMap((name, column) => parts[column].map((part) => `${name} ${part}`.trim()));
  return [names, ...rows.map((row) => row.flatMap(fields))].map((line) => line.map(quote).join(",")).join("\n") + "\n";
}

function latex(table) {
  const { rows } = grid(table);
  const heads = [...table.tHead.rows].map((row) => [...row.cells]);
  const escapes = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "±": "$\\pm$", "−": "$-$", "×": "$\\times$", "–": "--" };
  const escape = (text) => text.replace(/[\\~^±−×–]|[&%$#_{}]/g, (sign) => escapes[sign] ?? `\\${sign}`);
  const sides = heads.at(-1).map((cell) => (cell.classList.contains("left") ? "l" : "r")).join("");
  const line = (texts) => `  ${texts.join(" & ")} \\\\`;
  const groups = heads.slice(0, -1).map((cells) => line(cells.map((cell) => `\\multicolumn{${cell.colSpan}}{l}{${escape(cell.textContent)}}`)));
  return [
    "% Needs the package booktabs.", `\\begin{tabular}{${sides}}`, "  \\toprule", ...groups, line(heads.at(-1).map((cell) => escape(cell.textContent))),
    "  \\midrule", ...rows.map((row) => line(row.map((cell) => escape(cell.textContent)))), "  \\bottomrule", "\\end{tabular}", "",
  ].join("\n");
}

function addTableTools(element) {
  const table = element.querySelector("table");
  if (!table) return;
  const title = element.querySelector("summary").textContent;
  const name = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60).replace(/-$/, "");
  element.append(
    make(
      "div", { class: "tools" },
      button("CSV", `Save the table "${title}" as CSV`, () => save(`${name}.csv`, "text/csv", csv(table))),
      button("LaTeX", `Save the table "${title}" as LaTeX`, () => save(`${name}.tex`, "text/x-tex", latex(table)))));
}

// ---- Data, and the difference to another study

function componentsCSV() {
  const scores = [...new Set(data.tasks.flatMap((task) => task.runs.flatMap((run) => Object.keys(run.gradient))))];
  const causal = [...new Set(data.tasks.flatMap((task) => task.runs.flatMap((run) => Object.keys(run.causal))))];
  const header = ["task", "seed", "in_window", "converged", "component", "layer", "head", "class", ...scores.map((name) => `gradient_${name}`), ...causal.map((name) => `causal_${name.replace(" ", "_")}`)];
  const lines = data.tasks.flatMap((task) =>
    task.runs.flatMap((run) =>
      task.components.map((one, place) =>
        [task.task, run.seed, run.window, run.converged ?? "", one.name, one.layer, one.head ?? "", run.class[place],
          ...scores.map((name) => run.gradient[name]?.[place] ?? ""), ...causal.map((name) => run.causal[name]?.[place] ?? "")].join(","))));
  return [header.join(","), ...lines].join("\n") + "\n";
}

/** Mean rhos of this study and of another one's page or data, task by task. */
function difference(other) {
  const rows = data.tasks.flatMap((task) => {
    const theirs = other.tasks.find((one) => one.task === task.task);
    if (!theirs) return [];
    const rhos = (runs) => new Map(runs.filter((run) => run.rho !== null).map((run) => [run.seed, run.rho]));
    const [ours, others] = [rhos(task.runs), rhos(theirs.runs)];
    const shared = [...ours.keys()].filter((seed) => others.has(seed)).map((seed) => ours.get(seed) - others.get(seed));
    const text = (found, count) => (found ? `${number(found.mean, 3)}${found.lower === undefined ? "" : ` [${number(found.lower, 3)}, ${number(found.upper, 3)}]`} (n ${count})` : "–");
    return [[task.name, text(estimate([...ours.values()]), ours.size), text(estimate([...others.values()]), others.size), text(estimate(shared), shared.length)]];
  });
  const head = make("tr", {}, ...["task", "this study", "the other study", "difference, shared seeds"].map((text) => make("th", { scope: "col" }, text)));
  const body = rows.map((row) => make("tr", {}, ...row.map((text, place) => make("td", place ? {} : { class: "left" }, text))));
  return make("div", { class: "scroll", tabindex: 0 }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
}

function addDownloads(box) {
  const result = make("div", { role: "status" });
  const file = make("input", { type: "file", accept: ".html,.json", name: "other" });
  file.addEventListener("change", async () => {
    try {
      const text = await file.files[0].text();
      const found = file.files[0].name.endsWith(".json") ? text : new DOMParser().parseFromString(text, "text/html").getElementById("records").textContent;
      result.replaceChildren(make("h3", {}, `Mean rho here and in ${file.files[0].name} (all seeds, Student's intervals)`), difference(JSON.parse(found)));
    } catch (error) {
      result.textContent = `This file holds no data of a study: ${error.message}`;
    }
  });
  box.append(
    button("Data (JSON)", "Save the data of this page as JSON", () => save("report-data.json", "application/json", JSON.stringify(data))),
    button("Components (CSV)", "Save all components of all runs as CSV", () => save("report-components.csv", "text/csv", componentsCSV())),
    make("label", {}, "Compare with another report", file));
  box.after(result);
  box.hidden = false;
}

// ---- Start

// What is folded on the screen is open on paper.
addEventListener("beforeprint", () => {
  for (const element of document.querySelectorAll("details")) element.open = true;
});

for (const element of document.querySelectorAll("figure")) addFigureTools(element);
for (const element of document.querySelectorAll("details.table")) addTableTools(element);
for (const element of document.querySelectorAll("svg [data-component], td[data-component]")) {
  // One stop for the keyboard in each cell of a map; the same components in other figures are reached by pointer or from there.
  if (element.matches("figure[data-name^=map] rect")) {
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "button");
  }
}
Object.assign(state, readAddress());
if (document.getElementById("explorer") && data.tasks.some((task) => task.runs.length > 0)) explore();
if (document.getElementById("downloads")) addDownloads(document.getElementById("downloads"));
link(state.component);
if (location.hash.includes(";")) document.getElementById(location.hash.slice(1).split(";")[0])?.scrollIntoView();
document.documentElement.dataset.ready = "yes";
