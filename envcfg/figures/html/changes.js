"use strict";
// The list of changes and the panel of the selected one. Every name is set as text, never as HTML.

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

const many = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
const number = value => value.toLocaleString("en-US");

/** The rows of the data as objects: names are stored once, and rows refer to them by position. */
function changesOf(data) {
  return data.rows.map(([counted, step, last, epoch, slots, asked, task, cause, edits, note], index) => ({
    index, step, last, epoch, slots, asked, number: counted,
    title: counted ? `Change ${number(counted)}` : "Initial config (number 0)",
    task: data.tasks[task], cause: data.causes[cause], note: data.notes[note],
    edits: data.edits[edits].shown.map(([path, ...sides]) => [data.paths[path], ...sides]), more: data.edits[edits].more,
  }));
}

function optionText(change) {
  const edits = change.edits.length + change.more;
  const kind = change.number ? change.cause.split(":")[0] || "cause not recorded" : "initial config";
  return [number(change.number), `step ${number(change.step)}`, kind, edits ? many(edits, "edit") : change.task].join(" · ");
}

function fact(name, text) {
  return text === "" ? [] : [element("dt", name), element("dd", text)];
}

function factsOf(change) {
  const facts = element("dl", "", {class: "facts"});
  const until = change.last === change.step ? "" : ` to ${number(change.last)}`;
  facts.append(
    ...fact("Step", number(change.step) + until),
    ...fact("Requested", change.asked === null ? "" : `at step ${number(change.asked)}`),
    ...fact("Epoch", change.epoch === null ? "" : number(change.epoch)),
    ...fact("Task", change.task), ...fact("Cause", change.cause || (change.number ? "not recorded" : "")),
    ...fact("Adopted by", many(change.slots, "slot")),
  );
  return facts;
}

function editsOf(change) {
  if (!change.edits.length) return element("p", change.note);
  const table = element("table", ""), head = table.createTHead().insertRow(), body = table.createTBody();
  head.append(...["parameter", "before", "after"].map(name => element("th", name, {scope: "col"})));
  for (const [path, before, after, note] of change.edits) {
    const name = element("td", "");
    name.append(...path.split(/(?<=\.)/).flatMap(key => [key, element("wbr", "")]));  // a line breaks between keys
    if (note) name.append(element("small", note));
    body.insertRow().append(name, element("td", before), element("td", after));
  }
  if (change.more) table.createTFoot().insertRow().append(element("td", `… and ${many(change.more, "more edit")}`, {colspan: 3}));
  return table;
}

/** The card of the effect of a change, if the page has one. */
function cardOf(counted) {
  return [...document.querySelectorAll("article[data-first]")].find(
    card => Number(card.dataset.first) <= counted && counted <= Number(card.dataset.last));
}

function linkCards() {
  for (const card of document.querySelectorAll("article[data-first]")) {
    card.id = `effect-${card.dataset.first}`;
    card.append(element("a", "Show it in the timeline", {href: `#change-${card.dataset.first}`, class: "go"}));
  }
}

function linked(counted) {
  const card = counted ? cardOf(counted) : undefined, line = element("p", "");
  if (card) line.append(element("a", "Effect of this change", {href: `#${card.id}`, class: "go"}));
  return card ? [line] : [];
}

/** Adds a line through all rows of the timeline, and returns a function that moves it to a step. */
function lineOf(plot) {
  if (!plot) return () => {};
  const shape = `shapes[${plot.layout.shapes?.length ?? 0}]`, stroke = {color: "#e86b06", width: 2};
  const line = {type: "line", x0: 0, x1: 0, y0: 0, y1: 1, yref: "paper", layer: "below", line: stroke};
  const added = Plotly.relayout(plot, {[shape]: line});
  return step => added.then(() => Plotly.relayout(plot, {[`${shape}.x0`]: step, [`${shape}.x1`]: step}));
}

const near = 9;  // pixels: as near as the hover of a mark

/** The change whose mark is near *x*; far from all marks, the change before *x*. */
function changeAt(changes, x, axis) {
  const after = changes.find(change => change.step > x) ?? changes.at(-1);
  const before = changes.findLast(change => change.step <= x) ?? after;
  const found = [before, after].find(change => Math.abs(axis.d2p(change.step) - axis.d2p(x)) <= near) ?? before;
  return changes.find(change => change.step === found.step);
}

/** A sentence if one mark stands for several changes: all that are as near to *x* as the selected one may be. */
function sharedText(changes, x, axis) {
  const there = changes.filter(change => Math.abs(axis.d2p(change.step) - axis.d2p(x)) <= near);
  if (there.length < 2) return [];
  const said = `${many(there.length, "change")} are at this place: ${number(there[0].number)} to ${number(there.at(-1).number)}. `;
  return [element("p", said + "This is one of them; the arrow buttons and the list go to the others.", {class: "shared"})];
}

function fill(list, changes) {
  list.replaceChildren(...changes.map(change => element("option", optionText(change), {value: change.index})));
  list.size = Math.max(2, Math.min(10, changes.length));
}

function listChanges() {
  const changes = changesOf(read("changes"));
  const list = document.getElementById("change-list"), panel = document.getElementById("change-panel");
  const title = panel.querySelector("h3"), told = panel.querySelector(".told");
  const [previous, next, close] = panel.querySelectorAll("button");
  const plot = document.querySelector("#timeline figure.drawn > div");
  let moveLine = lineOf(plot);

  function select(index, {isPinned = true, shared = []} = {}) {
    const change = changes[index];
    list.selectedIndex = index;
    title.textContent = change.title;
    told.replaceChildren(...shared, factsOf(change), editsOf(change), ...linked(change.number));
    panel.scrollTop = 0;
    panel.classList.toggle("pinned", isPinned);
    previous.disabled = index === 0;
    next.disabled = index === changes.length - 1;
    moveLine(change.step);
  }

  function follow(hash) {
    const counted = Number(/^#change-(\d+)$/.exec(hash)?.[1] ?? NaN);
    const found = changes.find(change => change.number === counted);
    if (!found) return false;
    select(found.index);
    document.getElementById("timeline").scrollIntoView();
    list.focus({preventScroll: true});
    return true;
  }

  fill(list, changes);
  linkCards();
  list.addEventListener("change", () => select(list.selectedIndex));
  previous.addEventListener("click", () => select(list.selectedIndex - 1));
  next.addEventListener("click", () => select(list.selectedIndex + 1));
  close.addEventListener("click", () => panel.classList.remove("pinned"));
  plot?.on("plotly_click", ({points}) => {
    const {x, xaxis} = points[0];
    select(changeAt(changes, x, xaxis).index, {shared: sharedText(changes, x, xaxis)});
  });
  addEventListener("hashchange", () => follow(location.hash));
  addEventListener("click", ({target}) => {  // a second click on the same link changes no hash
    if (target.closest?.('a[href^="#change-"]')) follow(target.closest("a").hash);
  });
  document.addEventListener("changes", ({detail}) => {  // the run has grown
    const selected = list.selectedIndex;
    changes.splice(0, changes.length, ...changesOf(detail));
    fill(list, changes);
    moveLine = lineOf(plot);
    select(selected, {isPinned: panel.classList.contains("pinned")});
  });
  document.getElementById("change-picker").hidden = false;
  const named = document.querySelector('#the-run a[href^="#change-"]');  // the change that the answer names
  const first = changes.find(change => change.number === (named ? Number(named.hash.slice(8)) : 1)) ?? changes[0];
  if (!follow(location.hash)) select(first.index, {isPinned: false});
}

Promise.all(drawings).then(listChanges);
