"use strict";
const paper = 680;  // pixels: as wide as a printed page
const narrow = 560;  // pixels: a box with all values at a step would cover a narrower figure
const options = {responsive: true, displaylogo: false};

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

async function draw(figure, place) {
  try {
    if (place.clientWidth < narrow && figure.layout.hovermode === "x unified") figure.layout.hovermode = "closest";
    await Plotly.newPlot(place, figure.data, figure.layout, options);
    place.parentElement.classList.add("drawn");
  } catch (error) {
    Plotly.purge(place);
    place.removeAttribute("role");
    place.textContent = `This figure could not be drawn: ${error}. All other parts of this page are complete.`;
  }
}

const figures = read("data");
const places = figures.map((_, index) => document.getElementById("figure-" + index));
const drawings = figures.map((figure, index) => draw(figure, places[index]));

function widen(layout) {
  places.filter(place => place.parentElement.classList.contains("drawn")).forEach(place => Plotly.relayout(place, layout));
}
addEventListener("beforeprint", () => widen({width: paper}));
addEventListener("afterprint", () => widen({width: null, autosize: true}));
