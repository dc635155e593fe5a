"use strict";
// Draws the page of a run anew when the run has grown. It asks only while the end of the run is not recorded.

const pause = 3000;  // milliseconds
const live = document.getElementById("live");

async function text(address) {
  const answer = await fetch(address, {cache: "no-store"});
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.text();
}

/** The page as it is now, with the zoom and the chosen change of this one. */
async function grow() {
  const now = new DOMParser().parseFromString(await text(location.href), "text/html");
  const figure = JSON.parse(now.getElementById("data").textContent)[0];
  if (!figure || !places.length) return location.reload();
  document.getElementById("the-run").replaceWith(now.getElementById("the-run"));
  const {data, layout} = adapted(figure);
  await Plotly.react(places[0], data, {...layout, uirevision: "live"}, options);
  await fit(places[0]);
  document.dispatchEvent(new CustomEvent("changes", {detail: JSON.parse(now.getElementById("changes").textContent)}));
  live.replaceChildren(...now.getElementById("live").childNodes);
  Object.assign(live.dataset, now.getElementById("live").dataset);
}

async function watch() {
  try {
    if (!document.hidden && await text("stamp") !== live.dataset.stamp) await grow();
  } catch {
    live.textContent = "The server does not answer. This page shows the run as it was.";
  }
  if (live.dataset.open === "1") setTimeout(watch, pause);
}

Promise.all(drawings).then(watch);
