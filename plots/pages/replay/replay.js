"use strict";
// The page of a replay: its state, the loop that draws it, and what buttons, keys, mouse and fingers do. This script
// needs all others of this folder.

const SPEEDS = [
  [0.05, "3 min/s"], [0.25, "15 min/s"], [0.5, "30 min/s"], [1, "1 h/s"], [2, "2 h/s"], [6, "6 h/s"], [24, "1 day/s"],
];
const TAILS = [[1, "1 h"], [3, "3 h"], [12, "12 h"], [48, "2 days"], [Infinity, "all"]];
const FILTERS = [
  ["all", "all events", null],
  ["transfers", "events of transfers", null],
  ["contacts", "diversions", new Set(["diverted", "tip_followed"])],
  ["flights", "take-offs, landings", new Set(["takeoff", "landed", "cancelled", "aborted", "bingo", "intercepted"])],
];
const KEYS = [
  ["Space, K", "play or pause"],
  ["N, P", "go to the next or the previous event"],
  ["← →", "go 10 minutes back or forward, with Shift 6 hours"],
  ["Home, End", "go to the beginning or the end of the deployment"],
  ["< >", "play slower or faster"],
  ["+ −", "zoom in or out"],
  ["0", "show the whole map"],
  ["arrow keys on the map", "move the map, when it has the focus"],
  ["O, Shift O", "show details of the next thing on the map, or of the one before"],
  ["Esc", "hide the details"],
  ["?", "show this list"],
];
const LAYERS = ["aircraft", "tracks", "transfers", "past", "contacts", "tips", "areas", "light", "grid", "labels"];
const NEAR = 16; // pixels within which the pointer finds a thing
const SPOKEN_MS = 4000; // while it plays, an event is spoken so often at most
const LISTED_MS = 200; // while it plays, the texts are written so often at most

const page = {
  model: makeModel(JSON.parse(byId("replay-data").textContent)),
  state: {
    hour: 0, isPlaying: false, speed: 1, tail: 12, filter: "all", selected: null,
    layers: Object.fromEntries(LAYERS.map((name) => [name, true])),
  },
  colours: readColours(0),
  things: [],
  fingers: new Map(),
  isDirty: true,
  lastFrame: 0,
  lastSpoken: 0,
  lastListed: 0,
  spokenRow: -1,
  steppedRow: -1,
  steppedHour: -1,
  frameMs: 0,
};
page.view = makeView(page.model.data.map);
page.strip = makeStrip(byId("strip"));
page.events = Object.fromEntries(FILTERS.map(([name, , kinds]) => [name, filteredEvents(page.model, name, kinds)]));

/** The rows of the events that a choice of events has, and their hours. */
function filteredEvents(model, name, kinds) {
  const names = name === "transfers" ? new Set(model.transfers.map((one) => one.name)) : null;
  const rows = eventRows(model, kinds, names);
  return { rows, times: rows.map((row) => model.data.log.t[row]) };
}

// ------------------------------------------------------------------------------------------------ drawing
/** Ask for a frame; several calls before it comes make one frame. */
function redraw() {
  if (!page.isDirty) {
    page.isDirty = true;
    requestAnimationFrame(frame);
  }
}

/** One frame: time goes on if it plays, and all is drawn. */
function frame(now) {
  page.isDirty = false;
  const { state, model } = page;
  if (state.isPlaying) {
    const passed = Math.min(Math.max(now - page.lastFrame, 0), 250) / 1000;
    state.hour = Math.min(state.hour + passed * state.speed, model.hours);
    if (state.hour >= model.hours) {
      setPlaying(false);
    }
  }
  page.lastFrame = now;
  drawAll();
  if (state.isPlaying) {
    redraw();
  }
}

/** Draw the map and the strip, and write the texts. */
function drawAll() {
  const begin = performance.now();
  const { state, model, view } = page;
  const canvas = byId("map");
  writeClock();
  if (fitCanvas(canvas, view)) {
    Object.assign(view, spaceTaken());
    if (view.isFitted) {
      keepWithin(view);
    } else {
      showAll(view);
      view.isFitted = true;
    }
  }
  page.things = drawScene(canvas.getContext("2d"), model, view, state, page.colours);
  drawStrip(page.strip, model, state, page.colours);
  writeTexts(performance.now());
  page.frameMs = performance.now() - begin;
}

/** Where buttons and the clock stand on the map: see `makeView`. Print leaves the buttons out. */
function spaceTaken() {
  const [box, clock] = [document.querySelector(".map-buttons"), byId("clock")];
  const right = box.offsetParent === null ? 0 : box.offsetParent.clientWidth - box.offsetLeft;
  const [left, top] = [clock.offsetLeft + clock.offsetWidth, clock.offsetTop + clock.offsetHeight];
  return { free: box.offsetTop + box.offsetHeight, right, left, top };
}

/** Write the time on the map. */
function writeClock() {
  const { state, model } = page;
  const [utc, local] = [utcTexts(model.data, state.hour), localTexts(model.data, state.hour)];
  setText(byId("clock"), `${utc.day} ${utc.time} UTC\n${local.short} ${local.time} ${local.zone}`);
}

/** Write the texts beside the map; while it plays, the longer ones only now and then. */
function writeTexts(now) {
  const { state, model } = page;
  const utc = utcTexts(model.data, state.hour);
  byId("time").value = String(state.hour);
  byId("time").setAttribute("aria-valuetext", `${utc.day} ${utc.time} UTC`);
  if (state.isPlaying && now - page.lastListed < LISTED_MS) {
    return;
  }
  page.lastListed = now;
  fillList(byId("now"), nowRows(model, state.hour));
  fillList(byId("counts"), countsAt(model, state.hour));
  showDetails(byId("details"), model, state.selected, state.hour);
  showEvents(byId("events"), model, page.events[state.filter], currentEvent(), goToEvent);
  if (state.isPlaying && now - page.lastSpoken >= SPOKEN_MS) {
    speak(now);
  }
}

/** Write a text into an element if it is another. */
function setText(box, text) {
  if (box.textContent !== text) {
    box.textContent = text;
  }
}

/** The number of the event of now among those of the choice: the one stepped to, else the last so far; -1 for none. */
function currentEvent() {
  const { rows, times } = page.events[page.state.filter];
  const stepped = page.steppedHour === page.state.hour ? rows.indexOf(page.steppedRow) : -1;
  return stepped >= 0 ? stepped : countUpTo(times, page.state.hour + 1e-6) - 1;
}

/** Tell those who listen which event was the last, unless it is the one that was told before. */
function speak(now) {
  const { rows, times } = page.events[page.state.filter];
  const number = currentEvent();
  if (number < 0 || rows[number] === page.spokenRow) {
    return;
  }
  page.lastSpoken = now;
  page.spokenRow = rows[number];
  setText(byId("live"), `${momentText(page.model.data, times[number])}: ${eventText(page.model, rows[number])}`);
}

/** Read the colours anew, at the beginning and when the reader has chosen light or dark colours. */
function recolour() {
  page.colours = readColours(page.colours.number + 1);
  buildLayers(byId("layers"), page.model, page.state, page.colours, setLayer);
  redraw();
}

// ------------------------------------------------------------------------------------------------ time
/** Go to an hour. */
function goTo(hour) {
  page.state.hour = Math.min(Math.max(hour, 0), page.model.hours);
  page.lastListed = 0;
  redraw();
}

/** Play or pause. */
function setPlaying(isPlaying) {
  const { state, model } = page;
  if (isPlaying && state.hour >= model.hours) {
    state.hour = 0;
  }
  state.isPlaying = isPlaying;
  page.lastFrame = performance.now();
  page.lastListed = 0;
  const button = byId("play");
  button.classList.toggle("playing", isPlaying);
  button.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
  redraw();
}

/**
 * Go to the moment of an event, show details of its vessel if it is on the map, and tell it. The event is remembered, so
 * that stepping passes events of one moment one by one.
 */
function goToEvent(row) {
  const { model, state } = page;
  setPlaying(false);
  goTo(model.data.log.t[row]);
  page.steppedRow = row;
  page.steppedHour = state.hour;
  drawAll();
  const name = model.data.vessels[model.data.log.vessel[row]];
  const patrol = model.data.patrols[model.data.log.patrol[row]];
  const vessel = page.things.findLast(({ thing }) => name !== undefined && thing.name === name && thing.kind !== "tip");
  const aircraft = page.things.find(({ thing }) => thing.kind === "aircraft" && thing.name === patrol);
  state.selected = (vessel ?? aircraft ?? { thing: null }).thing;
  page.spokenRow = -1;
  speak(performance.now());
  redraw();
}

/** Step to the next event (1) or the one before (-1). */
function step(direction) {
  const { rows, times } = page.events[page.state.filter];
  let number = currentEvent();
  const isStepped = page.steppedHour === page.state.hour;
  if (direction > 0) {
    number += 1;
  } else if (isStepped || times[number] >= page.state.hour - 1e-6) {
    number -= 1;
  }
  if (number >= 0 && number < rows.length) {
    goToEvent(rows[number]);
  }
}

/** Choose the next speed (1) or the one before (-1). */
function changeSpeed(direction) {
  const box = byId("speed");
  box.selectedIndex = Math.min(Math.max(box.selectedIndex + direction, 0), SPEEDS.length - 1);
  page.state.speed = SPEEDS[box.selectedIndex][0];
}

// ------------------------------------------------------------------------------------------------ the map
/** Turn a layer on or off. */
function setLayer(name, isOn) {
  page.state.layers[name] = isOn;
  redraw();
}

/** Zoom about the middle of the map. */
function zoomBy(factor) {
  zoomAt(page.view, factor, page.view.width / 2, page.view.height / 2);
  redraw();
}

/** The thing that is drawn nearest to a place on the canvas, within reach; null for none. */
function thingAt(px, py) {
  let [found, least] = [null, NEAR * NEAR];
  for (const one of page.things) {
    const far = (one.px - px) ** 2 + (one.py - py) ** 2;
    if (far <= least) {
      [found, least] = [one, far];
    }
  }
  return found;
}

/** Show the details of a thing. */
function select(thing) {
  page.state.selected = thing;
  page.lastListed = 0;
  redraw();
}

/** Show details of the next thing on the map (1), or of the one before (-1), and tell it. */
function selectNext(direction) {
  const { things, state, model } = page;
  if (things.length === 0) {
    return;
  }
  const current = state.selected === null ? -1 : things.findIndex(({ thing }) => keyOf(thing) === keyOf(state.selected));
  const start = current < 0 && direction < 0 ? 0 : current;
  const next = (start + direction + things.length) % things.length;
  select(things[next].thing);
  const { title, rows } = detailsOf(model, things[next].thing, state.hour);
  setText(byId("live"), [title, ...rows.map(([name, value]) => `${name}: ${value}`)].join("; "));
}

/** Show the small box beside a thing at which the mouse points, and the place of the mouse. */
function point(px, py) {
  const found = thingAt(px, py);
  const box = byId("tip");
  setText(byId("pointer"), placeText(lonLatAt(page.model.data, ...toPlane(page.view, px, py))));
  box.hidden = found === null;
  byId("map").style.cursor = found === null ? "" : "pointer";
  if (found !== null) {
    showDetails(box, page.model, found.thing, page.state.hour);
    const [width, height] = [box.offsetWidth, box.offsetHeight];
    box.style.left = `${found.px + 18 + width > page.view.width ? Math.max(found.px - 18 - width, 4) : found.px + 18}px`;
    box.style.top = `${Math.min(Math.max(found.py - 10, 4), Math.max(page.view.height - height - 4, 4))}px`;
  }
}

/** Hide the small box and the place of the mouse. */
function pointAway() {
  byId("tip").hidden = true;
  setText(byId("pointer"), "");
}

/** The place of an event of a pointer on its element. */
function placeOf(event) {
  const box = event.currentTarget.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** A finger or the mouse comes down on the map. */
function pointerDown(event) {
  const [px, py] = placeOf(event);
  event.currentTarget.setPointerCapture(event.pointerId);
  page.fingers.set(event.pointerId, { px, py });
  page.hasMoved = page.fingers.size > 1;
  page.downAt = [px, py];
}

/** A finger or the mouse moves: one that is down moves the map, two zoom it, and a mouse that is not down points. */
function pointerMove(event) {
  const [px, py] = placeOf(event);
  const before = page.fingers.get(event.pointerId);
  if (before === undefined) {
    point(px, py);
    return;
  }
  if (Math.hypot(px - page.downAt[0], py - page.downAt[1]) > 5) {
    page.hasMoved = true;
  }
  const other = [...page.fingers].find(([id]) => id !== event.pointerId)?.[1];
  if (other !== undefined) {
    pinch(before, { px, py }, other);
  } else if (page.hasMoved) {
    moveBy(page.view, px - before.px, py - before.py);
  } else {
    return;
  }
  page.fingers.set(event.pointerId, { px, py });
  pointAway();
  redraw();
}

/** Zoom and move the map, as one finger goes from `before` to `after` and another stays. */
function pinch(before, after, other) {
  const spread = (one) => Math.max(Math.hypot(one.px - other.px, one.py - other.py), 10);
  moveBy(page.view, (after.px - before.px) / 2, (after.py - before.py) / 2);
  zoomAt(page.view, spread(after) / spread(before), (after.px + other.px) / 2, (after.py + other.py) / 2);
}

/** A finger or the mouse goes up: if it has not moved, this was a click or a tap on what is there. */
function pointerUp(event) {
  if (page.fingers.delete(event.pointerId) && !page.hasMoved && event.type === "pointerup") {
    select(thingAt(...placeOf(event))?.thing ?? null);
  }
}

/** The wheel zooms about the mouse. */
function wheel(event) {
  event.preventDefault();
  const pixels = event.deltaY * (event.deltaMode === 1 ? 30 : 1);
  zoomAt(page.view, Math.exp(-Math.min(Math.max(pixels, -300), 300) / 400), ...placeOf(event));
  pointAway();
  redraw();
}

// ------------------------------------------------------------------------------------------------ keys
const ON_MAP = {
  ArrowLeft: () => moveBy(page.view, 60, 0),
  ArrowRight: () => moveBy(page.view, -60, 0),
  ArrowUp: () => moveBy(page.view, 0, 60),
  ArrowDown: () => moveBy(page.view, 0, -60),
};
const EVERYWHERE = {
  " ": () => setPlaying(!page.state.isPlaying),
  k: () => setPlaying(!page.state.isPlaying),
  n: () => step(1),
  p: () => step(-1),
  ArrowLeft: (event) => goTo(page.state.hour - (event.shiftKey ? 6 : 1 / 6)),
  ArrowRight: (event) => goTo(page.state.hour + (event.shiftKey ? 6 : 1 / 6)),
  Home: () => goTo(0),
  End: () => goTo(page.model.hours),
  "<": () => changeSpeed(-1),
  ">": () => changeSpeed(1),
  "+": () => zoomBy(1.4),
  "=": () => zoomBy(1.4),
  "-": () => zoomBy(1 / 1.4),
  0: () => (showAll(page.view), redraw()),
  o: (event) => selectNext(event.shiftKey ? -1 : 1),
  Escape: () => select(null),
  "?": () => byId("help").showModal(),
};

/** Whether an element does something of its own with a key. */
function hasOwnUse(target, key) {
  if (target.closest("dialog") || target.tagName === "SELECT") {
    return true;
  }
  return (target.tagName === "BUTTON" || target.type === "checkbox") && (key === " " || key === "Enter");
}

/** A key is pressed. */
function keyDown(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || hasOwnUse(event.target, event.key)) {
    return;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const actions = event.target === byId("map") && Object.hasOwn(ON_MAP, key) ? ON_MAP : EVERYWHERE;
  if (Object.hasOwn(actions, key)) {
    event.preventDefault();
    actions[key](event);
    redraw();
  }
}

// ------------------------------------------------------------------------------------------------ the beginning
/** Put choices into a list. */
function fillSelect(id, choices, chosen, changed) {
  const box = byId(id);
  choices.forEach(([value, text]) => {
    const option = element("option", text);
    option.value = String(value);
    option.selected = value === chosen;
    box.append(option);
  });
  box.addEventListener("change", () => {
    changed(choices[box.selectedIndex][0]);
    page.lastListed = 0;
    redraw();
  });
}

/** Let buttons, lists and the slider work. */
function connectControls() {
  const { state, model } = page;
  byId("play").addEventListener("click", () => setPlaying(!state.isPlaying));
  byId("next").addEventListener("click", () => step(1));
  byId("previous").addEventListener("click", () => step(-1));
  byId("zoom-in").addEventListener("click", () => zoomBy(1.4));
  byId("zoom-out").addEventListener("click", () => zoomBy(1 / 1.4));
  byId("zoom-all").addEventListener("click", EVERYWHERE[0]);
  byId("help-open").addEventListener("click", EVERYWHERE["?"]);
  byId("time").max = String(model.hours);
  byId("time").addEventListener("input", (event) => goTo(Number(event.target.value)));
  fillSelect("speed", SPEEDS, state.speed, (value) => (state.speed = value));
  fillSelect("tail", TAILS, state.tail, (value) => (state.tail = value));
  fillSelect("filter", FILTERS, state.filter, (value) => (state.filter = value));
  for (const [keys, meaning] of KEYS) {
    const row = element("tr");
    row.append(element("th", keys), element("td", meaning));
    byId("keys").append(row);
  }
}

/** Let the map and the strip work with mouse, fingers and keys. */
function connectMap() {
  const map = byId("map");
  map.addEventListener("pointerdown", pointerDown);
  map.addEventListener("pointermove", pointerMove);
  map.addEventListener("pointerup", pointerUp);
  map.addEventListener("pointercancel", pointerUp);
  map.addEventListener("pointerleave", pointAway);
  map.addEventListener("wheel", wheel, { passive: false });
  const toHour = (event) => goTo((placeOf(event)[0] / page.strip.width) * page.model.hours);
  byId("strip").addEventListener("pointerdown", toHour);
  byId("strip").addEventListener("pointermove", (event) => event.buttons === 1 && toHour(event));
  document.addEventListener("keydown", keyDown);
  new ResizeObserver(redraw).observe(map);
}

/** Let a printed page show the moment in light colours, and let a change of the reader's colours show at once. */
function connectColours() {
  const setPrint = (isPrint) => {
    document.documentElement.classList.toggle("light", isPrint);
    page.colours = readColours(page.colours.number + 1);
    buildLayers(byId("layers"), page.model, page.state, page.colours, setLayer);
    Object.assign(page.view, spaceTaken());
    drawAll();
  };
  window.addEventListener("beforeprint", () => setPrint(true));
  window.addEventListener("afterprint", () => setPrint(false));
  window.matchMedia("print").addEventListener("change", (event) => setPrint(event.matches));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
}

/** The hour at which the page begins: that of its address, as `#t=12.5`, else that of the first event. */
function firstHour() {
  const asked = Number.parseFloat(/^#t=([\d.]+)$/.exec(location.hash)?.[1] ?? "");
  return Number.isFinite(asked) ? asked : (page.model.data.log.t[0] ?? 0);
}

/** Begin: nothing plays until the reader asks for it. */
function begin() {
  const { data } = page.model;
  setText(byId("title"), data.title);
  const start = utcTexts(data, 0);
  const days = Number((data.hours / 24).toFixed(2));
  const lasts = `It begins on ${start.day} at ${start.time} UTC and lasts ${days} ${days === 1 ? "day" : "days"}.`;
  setText(byId("subtitle"), `Replication ${data.replication} of seed ${data.seed}. ${lasts}`);
  connectControls();
  connectMap();
  connectColours();
  window.addEventListener("hashchange", () => goTo(firstHour()));
  page.isDirty = false;
  recolour();
  goTo(firstHour());
}

begin();
