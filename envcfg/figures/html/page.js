"use strict";
const paper = 680;  // pixels: as wide as a printed page
const narrow = 560;  // pixels: a box with all values at a step would cover a narrower figure
const options = {responsive: true, displaylogo: false};
const above = 34, below = 56;  // pixels: for the buttons above a figure, and for its x axis
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** The figure with other colours, in members that are colours and in styled parts of texts. */
function recolored(value, colors, key = "") {
  if (typeof value === "string") {
    if (key.includes("color")) return value.replace(/#[0-9a-f]{6}\b|rgba\(\d+,\d+,\d+/, found => colors[found] ?? found);
    return value.replace(/(?<=style="color:)#[0-9a-f]{6}/g, found => colors[found] ?? found);
  }
  if (Array.isArray(value)) {
    const isPlain = !key.includes("color") && typeof value[0] === "number";
    return isPlain ? value : value.map(each => recolored(each, colors, key));
  }
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, recolored(each, colors, name)]));
}

/** The caption stands above the figure and breaks its lines itself, so the figure needs no title. */
function untitled(layout) {
  const top = layout.margin.t;
  return {...layout, title: {}, margin: {...layout.margin, t: above}, height: layout.height - top + above};
}

/** Hides the names of tasks that would stand on the name before them. */
function hideOverlapping(place) {
  let free = -Infinity;
  const hidden = {};
  const notes = place.layout.annotations ?? [], axis = place._fullLayout.xaxis;
  for (const [index, note] of notes.entries()) {
    if (note.name !== "task") continue;
    const start = axis.d2p(note.x), isVisible = start >= free;
    if (isVisible) free = start + 7 * note.text.length + 6;
    if (isVisible !== (note.visible ?? true)) hidden[`annotations[${index}].visible`] = isVisible;
  }
  return hidden;
}

/** Makes room for as many lines of the legend as it has at this width. */
function fit(place) {
  const {layout, _fullLayout: {legend}} = place;
  const isBelow = layout.showlegend !== false && layout.legend?.orientation === "h" && legend?._height;
  const bottom = isBelow ? below + legend._height + 16 - legendGap(layout) : layout.margin.b;
  const changed = hideOverlapping(place);
  if (Math.abs(bottom - layout.margin.b) >= 4) {
    Object.assign(changed, {"margin.b": bottom, height: layout.height + bottom - layout.margin.b});
  }
  return Object.keys(changed).length ? Plotly.relayout(place, changed) : undefined;
}

/** The pixels from the rows down to the legend, beyond those of the x axis. */
function legendGap(layout) {
  return below - Math.round(-layout.legend.y * (layout.height - layout.margin.t - layout.margin.b));
}

/** The data and the layout as this page shows them: without a title, and in the colours of its scheme. */
function adapted({data, layout}) {
  const drawn = {data, layout: untitled(layout)};
  return prefersDark.matches ? recolored(drawn, dark) : drawn;
}

async function draw(figure, place) {
  try {
    if (place.clientWidth < narrow && figure.layout.hovermode === "x unified") figure.layout.hovermode = "closest";
    const {data, layout} = adapted(figure);
    await Plotly.newPlot(place, data, layout, options);
    await fit(place);
    place.on("plotly_relayout", ({autosize}) => { if (autosize) fit(place); });  // the page has another width now
    place.parentElement.classList.add("drawn");
  } catch (error) {
    Plotly.purge(place);
    place.removeAttribute("role");
    place.textContent = `This figure could not be drawn: ${error}. All other parts of this page are complete.`;
  }
}

const figures = read("data"), dark = read("dark");
const light = Object.fromEntries(Object.entries(dark).map(([one, other]) => [other, one]));
const places = figures.map((_, index) => document.getElementById("figure-" + index));
const drawings = figures.map((figure, index) => draw(figure, places[index]));

const allDrawn = () => places.filter(place => place.parentElement.classList.contains("drawn"));

async function widen(layout) {
  await Promise.all(allDrawn().map(place => Plotly.relayout(place, layout)));
  allDrawn().forEach(fit);
}

function recolor(colors) {
  allDrawn().forEach(place => Plotly.react(place, recolored(place.data, colors), recolored(place.layout, colors), options));
}
prefersDark.addEventListener("change", () => recolor(prefersDark.matches ? dark : light));
addEventListener("beforeprint", () => { if (prefersDark.matches) recolor(light); widen({width: paper}); });
addEventListener("afterprint", () => { if (prefersDark.matches) recolor(dark); widen({width: null, autosize: true}); });
