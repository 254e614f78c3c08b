"use strict";
// The texts beside the map: the moment, counts, details, events, and the legend with its layers. Data are put into the
// page as text only, so that no name can become markup. It needs `model.js`, `times.js` and `symbols.js`.

const EVENTS_BEFORE = 3;
const EVENTS_SHOWN = 11;

/** An element of the page, by its id. */
function byId(id) {
  return document.getElementById(id);
}

/** A new element with a text. */
function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) {
    made.className = className;
  }
  return made;
}

/** Put rows of a name and a value into a list of descriptions; only what has changed is written. */
function fillList(list, rows) {
  while (list.children.length > 2 * rows.length) {
    list.lastElementChild.remove();
  }
  while (list.children.length < 2 * rows.length) {
    list.append(element("dt"), element("dd"));
  }
  rows.forEach(([name, value], number) => {
    const [term, description] = [list.children[2 * number], list.children[2 * number + 1]];
    if (term.textContent !== name) {
      term.textContent = name;
    }
    if (description.textContent !== String(value)) {
      description.textContent = String(value);
    }
  });
}

/** The time of a moment: in UTC and in the scenario's zone. */
function timeRows(model, hour) {
  const [utc, local] = [utcTexts(model.data, hour), localTexts(model.data, hour)];
  return [
    ["UTC", `${utc.day}, ${utc.time}`],
    [local.zone, `${local.day}, ${local.time}`],
  ];
}

/** The rows about now: time, light and weather. */
function nowRows(model, hour) {
  const light = { day: "day", twilight: "twilight, light enough", dark: "night" }[lightAt(model, hour)];
  const weather = weatherTexts(model, hour).join(", ");
  const rows = [...timeRows(model, hour), ["hour", `${hour.toFixed(2)} of ${model.hours}`], ["light", light]];
  return weather ? [...rows, ["weather", weather]] : rows;
}

/** What the scenario states of the weather at an hour. */
function weatherTexts(model, hour) {
  const { stated } = model.data.weather;
  const [, sea, sight, wind, from] = weatherAt(model, hour);
  const texts = [
    [stated.includes("wind"), `wind ${wind} kn from ${String(from).padStart(3, "0")}°`],
    [sea !== null, `sea state ${sea}`],
    [sight !== null, `visibility ${sight} nmi`],
  ];
  return texts.filter(([isStated]) => isStated).map(([, text]) => text);
}

/** The details of a thing at an hour: its title, then rows of a name and a value. */
function detailsOf(model, thing, hour) {
  const { title, rows } = DETAILS[thing.kind](model, thing, hour);
  return { title, rows: rows.filter(([, value]) => value !== null && value !== undefined && value !== "") };
}

/** The details of a transfer: nothing that lies ahead. */
function transferDetails(model, transfer, hour) {
  const at = (value) => (value !== null && value <= hour ? momentText(model.data, value) : null);
  const isOver = transfer.end <= hour;
  const isDetected = transfer.rungs[1] !== null && transfer.rungs[1] <= hour;
  return {
    title: `transfer ${transfer.name}`,
    rows: [
      ["status", statusAt(transfer, hour)],
      ["alongside", `${isOver ? "" : "since "}${momentText(model.data, transfer.begin)}`],
      ["parted", at(transfer.end)],
      ["detected", at(transfer.rungs[1])],
      ["by", isDetected ? [transfer.patrol, transfer.sensor].filter(Boolean).join(", ") : null],
      ["classified", at(transfer.rungs[2])],
      ["documented", at(transfer.rungs[3])],
      ["reason", isOver && transfer.reason ? transfer.reason.replaceAll("_", " ") : null],
      ["place", placeText(lonLatAt(model.data, transfer.x, transfer.y))],
    ],
  };
}

/** The details of a contact. */
function contactDetails(model, contact, hour) {
  const looks = { seen: "detected", sought: "a crew is on its way", visited: "investigated", lost: "given up" };
  const look = contactLook(contact, hour);
  const result = contact.outcome === "documented" ? "a transfer" : "no transfer that could be documented";
  const place = contact.isPlaced ? placeText(lonLatAt(model.data, ...contactPlace(contact, hour))) : "that of the aircraft";
  return {
    title: `contact ${contact.name}`,
    rows: [
      ["state", looks[look]],
      ["found to be", look === "visited" ? result : null],
      ["what it is", contact.traits.join(", ")],
      ["by", [model.data.patrols[contact.patrol], contact.sensor].filter(Boolean).join(", ")],
      ["since", momentText(model.data, contact.begin)],
      ["place", place],
    ],
  };
}

/** The details of a tip. */
function tipDetails(model, tip, hour) {
  const isFollowed = tip.followed !== null && tip.followed <= hour;
  return {
    title: tip.name,
    rows: [
      ["from", tip.observer],
      ["through", tip.path],
      ["about", tip.vessel ?? "no vessel: the report is false"],
      ["made", momentText(model.data, tip.made)],
      ["arrived", `${momentText(model.data, tip.arrived)}, after ${lengthText(tip.arrived - tip.made)}`],
      ["place within", `${tip.error} nmi (standard deviation)`],
      ["a crew left for it", isFollowed ? momentText(model.data, tip.followed) : "not so far"],
    ],
  };
}

/** The details of an aircraft in flight. */
function aircraftDetails(model, aircraft, hour) {
  const now = aircraftAt(model, aircraft.sortie, hour);
  if (hour < aircraft.sortie.t[0] || hour > aircraft.sortie.ends) {
    return { title: `aircraft of ${now.name}`, rows: [["sortie", `${aircraft.sortie.number}, not in the air now`]] };
  }
  const course = ((((now.course - northAt(model.data, now.x, now.y)) * 180) / Math.PI + 720) % 360).toFixed(0);
  return {
    title: `aircraft of ${now.name}`,
    rows: [
      ["sortie", aircraft.sortie.number],
      ["phase", now.phase],
      ["course", `${course.padStart(3, "0")}° true`],
      ["speed over ground", `${now.speed.toFixed(0)} kn`],
      ["in the air", lengthText(hour - aircraft.sortie.t[0])],
      ["place", placeText(lonLatAt(model.data, now.x, now.y))],
    ],
  };
}

/** The details of a base. */
function baseDetails(model, base) {
  return { title: `base ${base.name}`, rows: [["place", placeText(lonLatAt(model.data, base.x, base.y))]] };
}

const DETAILS = {
  transfer: transferDetails, contact: contactDetails, tip: tipDetails, aircraft: aircraftDetails, base: baseDetails,
};

/** Show the details of a thing in a box. */
function showDetails(box, model, thing, hour) {
  if (thing === null) {
    box.replaceChildren(element("p", "Point at something on the map, tap it, or press O.", "muted"));
    return;
  }
  const { title, rows } = detailsOf(model, thing, hour);
  let list = box.querySelector("dl");
  if (list === null) {
    list = element("dl");
    box.replaceChildren(element("strong"), list);
  }
  box.firstElementChild.textContent = title;
  fillList(list, rows);
}

/** Show the events around that of now, a number; `pick` is called with the row of the one that is chosen. */
function showEvents(list, model, { rows }, current, pick) {
  const first = Math.max(0, Math.min(current - EVENTS_BEFORE, rows.length - EVENTS_SHOWN));
  const shown = rows.slice(first, first + EVENTS_SHOWN);
  while (list.children.length > shown.length) {
    list.lastElementChild.remove();
  }
  while (list.children.length < shown.length) {
    list.append(eventItem(pick));
  }
  shown.forEach((row, number) => fillEvent(list.children[number].firstElementChild, model, row, first + number, current));
}

/** An item of the list of events, with a button that goes to its moment. */
function eventItem(pick) {
  const item = element("li");
  const button = element("button");
  button.type = "button";
  button.append(element("span"), element("span"));
  button.addEventListener("click", () => pick(Number(button.dataset.row)));
  item.append(button);
  return item;
}

/** Write one event into its button. */
function fillEvent(button, model, row, number, current) {
  const texts = utcTexts(model.data, model.data.log.t[row]);
  button.dataset.row = String(row);
  button.children[0].textContent = `${texts.short} ${texts.time}`;
  button.children[1].textContent = eventText(model, row);
  button.className = number < current ? "past" : "";
  if (number === current) {
    button.setAttribute("aria-current", "true");
  } else {
    button.removeAttribute("aria-current");
  }
}

/** The layers: the name of each in the state, its label, and the symbols that belong to it with their meaning. */
function layerRows(model, colours) {
  const marks = model.data.marks;
  const status = (name) => [(pen) => drawTransfer(pen, 13, 10, marks[name], false, colours), name];
  const track = (phase, text) => [(pen) => drawTrackKey(pen, phase, colours), text];
  const contact = (look, text, isDark = false) => [(pen) => drawContact(pen, 13, 10, look, isDark, colours), text];
  const tracks = [
    track("search", "search"), track("transit", "transit and return"),
    track("divert", "to contacts and tips, beside them, and back"),
  ];
  const contacts = [
    contact("seen", "detected"), contact("sought", "a crew leaves for it"), contact("visited", "investigated"),
    contact("lost", "given up"), contact("seen", "sends no AIS", true),
  ];
  const tips = [
    [(pen) => drawTip(pen, 13, 10, false, colours), "arrived"],
    [(pen) => drawTip(pen, 13, 10, true, colours), "a crew left for it"],
  ];
  const aircraft = model.data.patrols.map((name, number) => [(pen) => drawAircraftKey(pen, number, colours), name]);
  const alongside = [(pen) => drawAlongsideKey(pen, colours), "ships alongside (ring)"];
  return [
    ["aircraft", "Aircraft", aircraft],
    ["tracks", "Tracks", tracks],
    ["transfers", "Transfers", [alongside, ...RUNGS.map(status)]],
    ["past", "Transfers that are over", []],
    ["contacts", "Contacts that are no transfer", contacts],
    ...(model.tips.length > 0 ? [["tips", "Tips, with the error of their place", tips]] : []),
    ["areas", model.data.map.zones.length > 0 ? "Areas and zones" : "Areas", []],
    ["light", "Night and twilight", []],
    ["grid", "Longitude and latitude", []],
    ["labels", "Names", []],
  ];
}

/** Draw the key of a track. */
function drawTrackKey(pen, phase, colours) {
  const look = trackLook(phase);
  pen.beginPath();
  pen.moveTo(1, 10);
  pen.lineTo(25, 10);
  pen.lineWidth = look.width;
  pen.setLineDash(look.dashes);
  pen.strokeStyle = colours.ink;
  pen.stroke();
}

/** Draw the key of an aircraft. */
function drawAircraftKey(pen, patrol, colours) {
  pen.translate(13, 10);
  pen.scale(0.75, 0.75);
  drawAircraft(pen, 0, 0, Math.PI / 2, colourOf(colours, patrol), colours);
}

/** Draw the key of a transfer whose ships lie alongside. */
function drawAlongsideKey(pen, colours) {
  pen.translate(13, 10);
  pen.scale(0.75, 0.75);
  drawTransfer(pen, 0, 0, null, true, colours);
}

/** Build the legend with its layers; `changed` is called with the name of a layer and whether it is on. */
function buildLayers(list, model, state, colours, changed) {
  list.replaceChildren();
  for (const [name, label, symbols] of layerRows(model, colours)) {
    const item = element("li");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = state.layers[name];
    box.id = `layer-${name}`;
    box.addEventListener("change", () => changed(name, box.checked));
    const text = element("label");
    text.append(box, label);
    item.append(text);
    if (symbols.length > 0) {
      const keys = element("ul");
      symbols.forEach(([draw, meaning]) => keys.append(keyItem(draw, meaning)));
      item.append(keys);
    }
    list.append(item);
  }
}

/** One symbol of the legend and its meaning. */
function keyItem(draw, meaning) {
  const item = element("li");
  const canvas = document.createElement("canvas");
  canvas.width = 52;
  canvas.height = 40;
  canvas.setAttribute("aria-hidden", "true");
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  draw(pen);
  item.append(canvas, element("span", meaning));
  return item;
}
