"use strict";
// The strip above the slider: nights, the sorties of each patrol, and the transfers over the whole deployment. This
// script needs `model.js`, `times.js`, `chart.js` and `symbols.js`.

const MOST_ROWS = 5; // more patrols share the rows of the first ones
const AXIS = 12; // pixels for the dates

/** Make the strip for a canvas. */
function makeStrip(canvas) {
  return { canvas, width: 1, height: 1, ratio: 1, still: document.createElement("canvas"), stillOf: "" };
}

/** The pixel of an hour. */
function stripX(strip, model, hour) {
  return (hour / model.hours) * strip.width;
}

/** Draw the strip with the moment of a state. */
function drawStrip(strip, model, state, colours) {
  fitCanvas(strip.canvas, strip);
  const wanted = [strip.width, strip.height, strip.ratio, colours.number].join();
  if (strip.stillOf !== wanted) {
    strip.stillOf = wanted;
    strip.still.width = strip.canvas.width;
    strip.still.height = strip.canvas.height;
    drawStillStrip(strip, model, colours);
  }
  const pen = strip.canvas.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, strip.canvas.width, strip.canvas.height);
  pen.drawImage(strip.still, 0, 0);
  pen.setTransform(strip.ratio, 0, 0, strip.ratio, 0, 0);
  pen.fillStyle = colours.accent;
  pen.fillRect(stripX(strip, model, state.hour) - 1, 0, 2, strip.height);
}

/** Draw what does not change with the moment. */
function drawStillStrip(strip, model, colours) {
  const pen = strip.still.getContext("2d");
  pen.setTransform(strip.ratio, 0, 0, strip.ratio, 0, 0);
  const bottom = strip.height - AXIS;
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, strip.width, bottom);
  pen.fillStyle = colours.night;
  for (const [begin, end] of stretchesWithout(model.data.light.light, model.hours)) {
    pen.fillRect(stripX(strip, model, begin), 0, stripX(strip, model, end) - stripX(strip, model, begin), bottom);
  }
  const rows = Math.min(Math.max(model.data.patrols.length, 1), MOST_ROWS);
  const height = (bottom - 2) / (rows + 1);
  for (const sortie of model.sorties) {
    pen.fillStyle = colourOf(colours, sortie.patrol);
    const [begin, end] = [stripX(strip, model, sortie.t[0]), stripX(strip, model, Math.min(sortie.ends, model.hours))];
    pen.fillRect(begin, 1 + (sortie.patrol % rows) * height, Math.max(end - begin, 1), height - 1.5);
  }
  drawStripTransfers(pen, strip, model, colours, 1 + rows * height, height - 1);
  drawStripDates(pen, strip, model, colours);
}

/** Draw when each transfer lasts, in the colour of the highest rung that it reached. */
function drawStripTransfers(pen, strip, model, colours, top, height) {
  for (const transfer of model.transfers) {
    const rung = rungAt(transfer, Infinity);
    const [begin, end] = [stripX(strip, model, transfer.begin), stripX(strip, model, Math.min(transfer.end, model.hours))];
    pen.fillStyle = rung > 0 ? model.data.marks[RUNGS[rung]][1] : colours.muted;
    pen.fillRect(begin, top + (rung > 0 ? 0 : height * 0.35), Math.max(end - begin, 1.5), rung > 0 ? height : height * 0.4);
  }
}

/** Write dates below, at midnights in UTC, as many as have room. */
function drawStripDates(pen, strip, model, colours) {
  pen.font = "10px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
  const room = 52;
  const dayWidth = stripX(strip, model, 24);
  const step = [1, 2, 5, 10, 30, 60, 180, 365].find((days) => days * dayWidth >= room) ?? 730;
  const first = (24 * HOUR_MS - (model.data.startMs % (24 * HOUR_MS))) / HOUR_MS;
  pen.fillStyle = colours.muted;
  for (let hour = first % 24; hour < model.hours; hour += step * 24) {
    const x = stripX(strip, model, hour);
    pen.fillRect(x, 0, 0.6, strip.height - AXIS + 3);
    if (x + 40 < strip.width) {
      pen.fillText(utcTexts(model.data, hour).short, x + 2, strip.height - 2);
    }
  }
}
