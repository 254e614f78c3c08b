"use strict";
// The symbols of the map. The map and the legend draw with the same functions, so they always agree. Each symbol has a
// shape of its own, so that it can be told without its colour. This script needs nothing of the others.

/** The colours of the page, read from its style; `number` differs whenever they may have changed. */
function readColours(number) {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  const basic = ["paper", "ink", "muted", "line", "accent"];
  const names = [...basic, "sea", "night", "twilight", "land", "coast", "graticule", "halo", "zone"];
  const colours = Object.fromEntries(names.map((name) => [name, read(name)]));
  colours.series = [1, 2, 3, 4, 5, 6, 7].map((one) => read(`series-${one}`));
  colours.number = number;
  return colours;
}

/** The colour of a patrol, by its number. */
function colourOf(colours, patrol) {
  return colours.series[patrol % colours.series.length];
}

/** Draw a path twice: wide in the colour of the halo, then as it is, so that it shows on land and sea. */
function strokeWithHalo(pen, colours, width) {
  const colour = pen.strokeStyle;
  pen.lineWidth = width + 2.4;
  pen.strokeStyle = colours.halo;
  pen.stroke();
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.stroke();
}

/** Trace a star of five points. */
function traceStar(pen, x, y, radius) {
  pen.beginPath();
  for (let corner = 0; corner < 10; corner += 1) {
    const angle = (corner * Math.PI) / 5;
    const reach = corner % 2 === 0 ? radius : radius * 0.45;
    pen.lineTo(x + reach * Math.sin(angle), y - reach * Math.cos(angle));
  }
  pen.closePath();
}

/** Draw a cross: light within a dark edge, so that it shows on everything. */
function drawCross(pen, x, y, reach, colour) {
  pen.beginPath();
  pen.moveTo(x - reach, y - reach);
  pen.lineTo(x + reach, y + reach);
  pen.moveTo(x + reach, y - reach);
  pen.lineTo(x - reach, y + reach);
  pen.lineCap = "round";
  pen.strokeStyle = "#22303a";
  pen.lineWidth = 4.6;
  pen.stroke();
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.stroke();
  pen.lineCap = "butt";
}

/** Draw the mark of a status: its shape and colour are those of the pictures. */
function drawStatus(pen, x, y, [shape, colour], radius) {
  if (shape === "x") {
    drawCross(pen, x, y, radius * 0.72, colour);
    return;
  }
  if (shape === "s") {
    pen.beginPath();
    pen.rect(x - radius * 0.85, y - radius * 0.85, radius * 1.7, radius * 1.7);
  } else if (shape === "*") {
    traceStar(pen, x, y, radius * 1.55);
  } else {
    pen.beginPath();
    pen.arc(x, y, radius * 0.9, 0, 2 * Math.PI);
  }
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = 1;
  pen.strokeStyle = "#000000";
  pen.stroke();
}

/** Draw a transfer: the mark of its status, or two dots until it is detected; a ring while the ships lie alongside. */
function drawTransfer(pen, x, y, mark, isAlongside, colours) {
  if (isAlongside) {
    pen.beginPath();
    pen.arc(x, y, 11, 0, 2 * Math.PI);
    pen.strokeStyle = colours.ink;
    strokeWithHalo(pen, colours, 1.5);
  }
  if (mark) {
    drawStatus(pen, x, y, mark, 6);
    return;
  }
  for (const side of [-3, 3]) {
    pen.beginPath();
    pen.ellipse(x + side, y, 2, 4.5, 0, 0, 2 * Math.PI);
    pen.fillStyle = colours.ink;
    pen.fill();
  }
}

/** The name of the symbol of a contact, by how far the crew came with it. */
function contactLook(contact, hour) {
  if (contact.diverted !== null && hour >= contact.diverted && hour < contact.end) {
    return "sought";
  }
  if (contact.diverted === null || hour < contact.diverted) {
    return "seen";
  }
  return contact.outcome === "lost" ? "lost" : contact.outcome === "diverted" ? "sought" : "visited";
}

/** Draw a contact: an open ring, which is full once it was investigated, and has a dot while the crew goes there. */
function drawContact(pen, x, y, look, isDark, colours) {
  pen.strokeStyle = isDark ? colours.series[3] : colours.muted;
  pen.fillStyle = pen.strokeStyle;
  pen.lineWidth = isDark ? 1.8 : 1.2;
  pen.beginPath();
  pen.arc(x, y, look === "sought" ? 5.5 : 3.2, 0, 2 * Math.PI);
  pen.stroke();
  if (look === "visited") {
    pen.fill();
  } else if (look === "sought") {
    pen.beginPath();
    pen.arc(x, y, 2, 0, 2 * Math.PI);
    pen.fill();
  } else if (look === "lost") {
    pen.beginPath();
    pen.moveTo(x - 5, y + 5);
    pen.lineTo(x + 5, y - 5);
    pen.stroke();
  }
}

/** Draw a tip: a diamond, full once a crew has left for it. */
function drawTip(pen, x, y, isFollowed, colours) {
  pen.beginPath();
  pen.moveTo(x, y - 7);
  pen.lineTo(x + 6, y);
  pen.lineTo(x, y + 7);
  pen.lineTo(x - 6, y);
  pen.closePath();
  pen.strokeStyle = colours.series[4];
  strokeWithHalo(pen, colours, 1.8);
  if (isFollowed) {
    pen.fillStyle = colours.series[4];
    pen.fill();
  }
}

/** Draw a base. */
function drawBase(pen, x, y, colours) {
  pen.beginPath();
  pen.moveTo(x, y - 7);
  pen.lineTo(x + 6.5, y + 5);
  pen.lineTo(x - 6.5, y + 5);
  pen.closePath();
  pen.fillStyle = colours.ink;
  pen.fill();
  pen.lineWidth = 1.2;
  pen.strokeStyle = colours.paper;
  pen.stroke();
}

const OUTLINE = [
  [0, -11], [1.8, -7], [1.8, -3], [11, 2.5], [11, 5], [1.8, 2.5], [1.4, 7], [4.5, 9.5], [4.5, 11], [0, 10],
]; // the right half of an aircraft from above, from its nose to its tail

/** Draw an aircraft from above, with its nose along its course. */
function drawAircraft(pen, x, y, course, colour, colours) {
  pen.save();
  pen.translate(x, y);
  pen.rotate(course);
  pen.beginPath();
  OUTLINE.forEach(([px, py]) => pen.lineTo(px, py));
  [...OUTLINE].reverse().forEach(([px, py]) => pen.lineTo(-px, py));
  pen.closePath();
  pen.lineJoin = "round";
  pen.strokeStyle = colours.halo;
  pen.lineWidth = 4;
  pen.stroke();
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = colours.paper;
  pen.lineWidth = 0.8;
  pen.stroke();
  pen.restore();
}

/** How a track is drawn in a phase: the width of the line and its dashes. */
function trackLook(phase) {
  if (phase === "search") {
    return { width: 2, dashes: [] };
  }
  if (phase === "transit" || phase === "return") {
    return { width: 1.2, dashes: [8, 5] };
  }
  return { width: 1.4, dashes: [2, 3] };
}

/** Draw an arrow from its middle along a course, of a length in pixels. */
function drawArrow(pen, x, y, course, length) {
  pen.save();
  pen.translate(x, y);
  pen.rotate(course);
  pen.beginPath();
  pen.moveTo(0, length / 2);
  pen.lineTo(0, -length / 2);
  pen.moveTo(-4, -length / 2 + 6);
  pen.lineTo(0, -length / 2);
  pen.lineTo(4, -length / 2 + 6);
  pen.stroke();
  pen.restore();
}
