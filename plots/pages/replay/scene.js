"use strict";
// One moment on the map. What is drawn is also put on a list, in which the pointer and the keys find things. This script
// needs `model.js`, `chart.js` and `symbols.js`.

const FADES = 6; // steps in which a track fades
const LEAST_TIP_H = 24; // a tip stays at least so long
const CORNERS = [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [1, 1], [-1, -1], [-1, 1]]; // of a text beside a place
const AREA_CORNERS = [[0, -1], [1, -1], [-1, -1]];
const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";

/** Draw the moment of a state on the map. */
function drawScene(pen, model, view, state, colours) {
  const scene = { pen, model, view, state, colours, hour: state.hour, things: [], taken: [] };
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.drawImage(stillMap(view, state.layers, colours), 0, 0);
  pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  pen.font = FONT;
  drawLight(scene);
  drawBases(scene);
  if (state.layers.tracks) {
    drawTracks(scene);
  }
  if (state.layers.contacts) {
    drawContacts(scene);
  }
  if (state.layers.tips) {
    drawTips(scene);
  }
  if (state.layers.transfers) {
    drawTransfers(scene);
  }
  if (state.layers.aircraft) {
    drawAllAircraft(scene);
  }
  drawSelected(scene);
  drawFrame(scene);
  return scene.things;
}

/** Whether a place on the canvas can be seen. */
function isSeen(view, px, py) {
  return px > -20 && py > -20 && px < view.width + 20 && py < view.height + 20;
}

/** Put a thing on the list of things that are drawn. */
function remember(scene, thing, px, py) {
  scene.things.push({ thing, px, py });
}

/** Write a text beside a place where no other text stands. If there is none, the text is left out, unless it must be. */
function writeBeside(scene, text, px, py, { must = false, gap = 10, bold = false, corners = CORNERS } = {}) {
  const { pen, colours, taken } = scene;
  pen.font = bold ? `600 ${FONT}` : FONT;
  const width = pen.measureText(text).width;
  const boxes = corners.map(([across, down]) => {
    const dx = across > 0 ? gap : across < 0 ? -gap - width : -width / 2;
    const dy = down > 0 ? gap + 13 : down < 0 ? -gap - 4 : 4;
    return [px + dx - 2, py + dy - 12, width + 4, 16];
  });
  const { view } = scene;
  const isWithin = ([x, y, w, h]) => x >= 0 && y >= 0 && x + w <= view.width && y + h <= view.height;
  const place = boxes.findIndex((box) => isWithin(box) && isFree(taken, box));
  if (place < 0 && !must) {
    return;
  }
  const box = boxes[Math.max(place, 0)];
  taken.push(box);
  writeHalo(pen, colours, text, box[0] + 2, box[1] + 12);
}

/** Whether nothing that is written covers a part of a box: left, top, width, height. */
function isFree(taken, [x, y, w, h]) {
  return taken.every(([a, b, c, d]) => x >= a + c || a >= x + w || y >= b + d || b >= y + h);
}

/** Write a text with a halo. */
function writeHalo(pen, colours, text, x, y) {
  pen.lineJoin = "round";
  pen.lineWidth = 3.5;
  pen.strokeStyle = colours.halo;
  pen.strokeText(text, x, y);
  pen.fillStyle = colours.ink;
  pen.fillText(text, x, y);
}

/** Draw the dark of the night. */
function drawLight({ pen, model, view, state, colours, hour }) {
  const light = lightAt(model, hour);
  if (state.layers.light && light !== "day") {
    pen.fillStyle = light === "dark" ? colours.night : colours.twilight;
    pen.fillRect(0, 0, view.width, view.height);
  }
}

/** Draw the bases, and reserve the places of the frame's texts. */
function drawBases(scene) {
  const { pen, model, view, colours, taken } = scene;
  taken.push([0, 0, view.left, view.top], [view.width - 60, 0, 60, view.free + 110]);
  for (const [name, x, y] of model.data.map.bases) {
    const [px, py] = toCanvas(view, x, y);
    if (isSeen(view, px, py)) {
      drawBase(pen, px, py, colours);
      taken.push([px - 8, py - 8, 16, 16]);
      remember(scene, { kind: "base", name, x, y }, px, py);
    }
  }
}

/** Draw the tracks of some hours, fading: line by line of one look, so that a frame has few strokes. */
function drawTracks(scene) {
  const { model, view, state, hour } = scene;
  const from = hour - state.tail;
  const lines = new Map();
  for (const sortie of sortiesBetween(model, from, hour)) {
    const last = Math.min(countUpTo(sortie.t, hour), sortie.t.length - 1);
    const first = Math.max(0, countUpTo(sortie.t, from) - 1);
    for (let leg = first; leg < last; leg += 1) {
      addLeg(lines, view, state, sortie, leg, hour);
    }
  }
  strokeTracks(scene, lines);
}

/** Add one leg, up to the hour, to the lines of its look. */
function addLeg(lines, view, state, sortie, leg, hour) {
  const [t0, t1] = [sortie.t[leg], sortie.t[leg + 1]];
  const share = t1 > hour ? (hour - t0) / (t1 - t0) : 1;
  const [x0, y0] = toCanvas(view, sortie.x[leg], sortie.y[leg]);
  const [xe, ye] = toCanvas(view, sortie.x[leg + 1], sortie.y[leg + 1]);
  const [x1, y1] = [x0 + share * (xe - x0), y0 + share * (ye - y0)];
  if (Math.max(x0, x1) < 0 || Math.min(x0, x1) > view.width || Math.max(y0, y1) < 0 || Math.min(y0, y1) > view.height) {
    return;
  }
  const age = Number.isFinite(state.tail) ? Math.min(Math.max((hour - t1) / state.tail, 0), 0.999) : 0;
  const key = (sortie.patrol * 10 + Number(sortie.phase[leg])) * FADES + Math.floor(age * FADES);
  let path = lines.get(key);
  if (path === undefined) {
    path = [];
    lines.set(key, path);
  }
  path.push(x0, y0, x1, y1);
}

/** Stroke the lines, the oldest first. */
function strokeTracks({ pen, model, state, colours }, lines) {
  const least = Number.isFinite(state.tail) ? 0.18 : 0.55;
  for (const key of [...lines.keys()].sort((a, b) => (b % FADES) - (a % FADES))) {
    const ends = lines.get(key);
    const look = trackLook(model.data.phases[Math.floor(key / FADES) % 10]);
    pen.beginPath();
    for (let i = 0; i < ends.length; i += 4) {
      if (i === 0 || ends[i] !== ends[i - 2] || ends[i + 1] !== ends[i - 1]) {
        pen.moveTo(ends[i], ends[i + 1]);
      }
      pen.lineTo(ends[i + 2], ends[i + 3]);
    }
    pen.globalAlpha = Number.isFinite(state.tail) ? 1 - (1 - least) * ((key % FADES) / (FADES - 1)) : least;
    pen.strokeStyle = colourOf(colours, Math.floor(key / FADES / 10));
    pen.lineWidth = look.width;
    pen.setLineDash(look.dashes);
    pen.stroke();
  }
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}

/** Draw the contacts of some hours, fading. */
function drawContacts(scene) {
  const { pen, model, view, state, colours, hour } = scene;
  for (const contact of contactsAt(model, hour, state.tail)) {
    const [x, y] = contactPlace(contact, hour);
    const [px, py] = toCanvas(view, x, y);
    if (isSeen(view, px, py)) {
      const age = Math.max(0, hour - contact.end) / state.tail;
      pen.globalAlpha = Number.isFinite(state.tail) ? Math.max(0.25, 1 - age) : 0.7;
      drawContact(pen, px, py, contactLook(contact, hour), contact.isDark, colours);
      remember(scene, contact, px, py);
    }
  }
  pen.globalAlpha = 1;
}

/** Draw the tips of some hours, each with the circle of its error. */
function drawTips(scene) {
  const { pen, model, view, state, colours, hour } = scene;
  const stays = Math.max(LEAST_TIP_H, state.tail);
  const [first, last] = [countUpTo(model.tipBegins, hour - stays), countUpTo(model.tipBegins, hour)];
  for (const tip of model.tips.slice(first, last)) {
    const [px, py] = toCanvas(view, tip.x, tip.y);
    if (isSeen(view, px, py)) {
      pen.beginPath();
      pen.arc(px, py, Math.max(tip.error * view.k, 1), 0, 2 * Math.PI);
      pen.lineWidth = 1;
      pen.setLineDash([3, 3]);
      pen.strokeStyle = colours.series[4];
      pen.stroke();
      pen.setLineDash([]);
      drawTip(pen, px, py, tip.followed !== null && tip.followed <= hour, colours);
      remember(scene, tip, px, py);
    }
  }
}

/** Draw the transfers: those that are over first, and fainter. */
function drawTransfers(scene) {
  const { pen, model, view, state, colours, hour } = scene;
  const begun = model.transfers.slice(0, countUpTo(model.transferBegins, hour));
  const over = begun.filter((one) => one.end <= hour && state.layers.past);
  const alongside = begun.filter((one) => one.end > hour);
  for (const transfer of [...over, ...alongside]) {
    const [px, py] = toCanvas(view, transfer.x, transfer.y);
    if (!isSeen(view, px, py)) {
      continue;
    }
    const rung = rungAt(transfer, hour);
    pen.globalAlpha = transfer.end > hour ? 1 : Math.max(0.85, 1 - (hour - transfer.end) / 24);
    drawTransfer(pen, px, py, rung < 0 ? null : model.data.marks[RUNGS[rung]], transfer.end > hour, colours);
    remember(scene, transfer, px, py);
  }
  pen.globalAlpha = 1;
  if (state.layers.labels) {
    labelTransfers(scene, alongside);
  }
}

/** Write the names of the transfers that lie alongside. */
function labelTransfers(scene, alongside) {
  for (const transfer of alongside) {
    const [px, py] = toCanvas(scene.view, transfer.x, transfer.y);
    scene.taken.push([px - 11, py - 11, 22, 22]);
    if (isSeen(scene.view, px, py)) {
      writeBeside(scene, transfer.name, px, py, { gap: 14 });
    }
  }
}

/** Draw the aircraft in the air, each with its name and phase. */
function drawAllAircraft(scene) {
  const { pen, model, view, state, colours, hour } = scene;
  const flying = sortiesBetween(model, hour, hour).map((sortie) => aircraftAt(model, sortie, hour));
  const all = flying.map((one) => [one, ...toCanvas(view, one.x, one.y)]);
  const placed = all.filter(([, px, py]) => isSeen(view, px, py));
  placed.forEach(([, px, py]) => scene.taken.push([px - 11, py - 11, 22, 22]));
  for (const [aircraft, px, py] of placed) {
    drawAircraft(pen, px, py, aircraft.course, colourOf(colours, aircraft.sortie.patrol), colours);
    remember(scene, aircraft, px, py);
    if (state.layers.labels) {
      writeBeside(scene, `${aircraft.name}: ${aircraft.phase}`, px, py, { must: true, gap: 14, bold: true });
    }
  }
}

/** Draw a ring about the thing whose details are shown, if it is on the map. */
function drawSelected(scene) {
  const { pen, state, colours, things } = scene;
  const found = things.find(({ thing }) => state.selected !== null && keyOf(thing) === keyOf(state.selected));
  if (found) {
    pen.beginPath();
    pen.arc(found.px, found.py, 16, 0, 2 * Math.PI);
    pen.strokeStyle = colours.accent;
    strokeWithHalo(pen, colours, 2.5);
  }
}

/** What tells one thing from another, whatever the moment. */
function keyOf(thing) {
  const sortie = thing.kind === "aircraft" ? `${thing.sortie.patrol}/${thing.sortie.number}` : `${thing.patrol}/${thing.sortie}`;
  return `${thing.kind}/${thing.name}/${sortie}/${thing.arrived ?? ""}/${thing.observer ?? ""}`;
}

/** Draw what lies over the map: names of areas and bases, labels of the graticule, north, wind and scale. */
function drawFrame(scene) {
  const { model, view, state } = scene;
  if (state.layers.labels) {
    for (const [name, x, y] of model.data.map.bases) {
      const [px, py] = toCanvas(view, x, y);
      if (isSeen(view, px, py)) {
        writeBeside(scene, name, px, py, { bold: true });
      }
    }
    if (state.layers.areas) {
      [...view.paths.areas, ...view.paths.zones].forEach((area) => labelArea(scene, area));
    }
  }
  if (state.layers.grid) {
    labelGraticule(scene);
  }
  drawNorthAndWind(scene);
  drawScale(scene);
}

/** Write the name of an area above its highest corner, or above the middle of an edge that is as high. */
function labelArea(scene, area) {
  let [x, y, px, py] = [0, 0, 0, Infinity];
  const ring = area.rings[0] ?? [];
  for (let i = 0; i < ring.length; i += 2) {
    x += ring[i];
    y += ring[i + 1];
    const [qx, qy] = toCanvas(scene.view, x / TENTH, y / TENTH);
    if (qy < py) {
      [px, py] = [qx, qy];
    }
  }
  if (Number.isFinite(py) && isSeen(scene.view, px, py)) {
    writeBeside(scene, area.name, px, py, { gap: 5, corners: AREA_CORNERS });
  }
}

/** Write the degrees of meridians at the lower edge and of parallels at the left edge. */
function labelGraticule(scene) {
  const { pen, view, colours, taken } = scene;
  pen.font = FONT;
  for (const [text, isMeridian, steps] of view.map.graticule) {
    const place = crossing(view, steps, isMeridian === 1);
    if (place === null) {
      continue;
    }
    const width = pen.measureText(text).width;
    const [px, py] = isMeridian === 1 ? [place - width / 2, view.height - 6] : [4, place + 4];
    const hasRoom = isMeridian === 1 ? px > 60 && px + width < view.width - 6 : py > 84 && py < view.height - 60;
    const box = [px - 3, py - 12, width + 6, 16];
    if (hasRoom && isFree(taken, box)) {
      taken.push(box);
      writeHalo(pen, { ...colours, ink: colours.muted }, text, px, py);
    }
  }
}

/** Where a line of the graticule crosses the lower edge of the canvas (meridians) or the left one; null if nowhere. */
function crossing(view, steps, isMeridian) {
  let [x, y] = [steps[0], steps[1]];
  let [px, py] = toCanvas(view, x / TENTH, y / TENTH);
  const edge = isMeridian ? view.height : 0;
  for (let i = 2; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    const [qx, qy] = toCanvas(view, x / TENTH, y / TENTH);
    const [a, b, c, d] = isMeridian ? [py, qy, px, qx] : [px, qx, py, qy];
    if (a !== b && (a - edge) * (b - edge) <= 0) {
      return c + ((edge - a) / (b - a)) * (d - c);
    }
    [px, py] = [qx, qy];
  }
  return null;
}

/** Draw the arrow of true north in the middle of the map, and that of the wind. */
function drawNorthAndWind({ pen, model, view, colours, hour }) {
  const x = view.width - 26;
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 1.6;
  const top = view.free;
  drawArrow(pen, x, top + 31, northAt(model.data, view.cx, view.cy), 28);
  pen.font = `600 ${FONT}`;
  writeHalo(pen, colours, "N", x - 4, top + 15);
  const [, , , speed, , towards] = weatherAt(model, hour);
  if (model.data.weather.stated.includes("wind") && speed > 0) {
    pen.strokeStyle = colours.accent;
    pen.lineWidth = 2.2;
    drawArrow(pen, x, top + 75, (towards * Math.PI) / 180, 30);
    pen.font = FONT;
    const text = `${Math.round(speed)} kn`;
    const width = pen.measureText(text).width;
    writeHalo(pen, colours, text, Math.min(x - width / 2, view.width - width - 4), top + 107);
  }
}

/** Draw a bar of a round number of nautical miles at the lower right; on a low map it stands beside the arrows. */
function drawScale({ pen, view, colours }) {
  const wanted = (0.2 * view.width) / view.k;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const length = Math.max(...[1, 2, 5].map((digit) => digit * power).filter((one) => one <= wanted));
  const isLow = view.height < view.free + 150;
  const [right, y] = [view.width - (isLow ? 60 : 14), view.height - 30];
  pen.beginPath();
  pen.moveTo(right - length * view.k, y - 5);
  pen.lineTo(right - length * view.k, y);
  pen.lineTo(right, y);
  pen.lineTo(right, y - 5);
  pen.strokeStyle = colours.ink;
  strokeWithHalo(pen, colours, 1.8);
  pen.font = FONT;
  const text = `${Number(length.toPrecision(2))} nmi`;
  writeHalo(pen, colours, text, right - (length * view.k + pen.measureText(text).width) / 2, y - 6);
}
