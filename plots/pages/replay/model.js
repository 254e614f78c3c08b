"use strict";
// The deployment as the page uses it: rows become objects, and each question about a moment is answered by bisection,
// so that a long deployment costs no more than a short one. This script needs nothing of the others.

const RUNGS = ["missed", "detected", "classified", "documented"];

/** How many of some rising numbers are at most a value. */
function countUpTo(values, value) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Numbers in rising order, without those that are not known. */
function rising(values) {
  return values.filter((value) => value !== null && value !== undefined).sort((a, b) => a - b);
}

/** The data of the page with names instead of numbers, and with what bisection needs. */
function makeModel(data) {
  const model = { data, hours: data.hours };
  model.sorties = data.sorties.map((sortie) => ({ ...sortie, ends: sortie.t[sortie.t.length - 1] }));
  model.transfers = data.transfers.map((row) => makeTransfer(data, row));
  model.contacts = data.contacts.map((row) => makeContact(data, row));
  model.tips = data.tips.map((row) => makeTip(data, row));
  model.sortieBegins = model.sorties.map((sortie) => sortie.t[0]);
  model.transferBegins = model.transfers.map((transfer) => transfer.begin);
  model.contactBegins = model.contacts.map((contact) => contact.begin);
  model.tipBegins = model.tips.map((tip) => tip.arrived);
  model.weatherBegins = data.weather.rows.map((row) => row[0]);
  model.longestSortie = Math.max(0, ...model.sorties.map((sortie) => sortie.ends - sortie.t[0]));
  model.longestContact = model.contacts.reduce((most, one) => Math.max(most, one.end - one.begin), 0);
  model.kinds = Object.fromEntries(data.events.map((kind, number) => [kind, number]));
  model.totals = makeTotals(model);
  return model;
}

/** One transfer. */
function makeTransfer(data, row) {
  const [vessel, source, x, y, begin, end, detected, classified, documented, sensor, patrol, sortie, reason] = row;
  return {
    kind: "transfer", name: data.vessels[vessel], source: data.sources[source], x, y, begin, end,
    rungs: [null, detected, classified, documented],
    sensor: data.sensors[sensor], patrol: data.patrols[patrol], sortie, reason: data.reasons[reason],
  };
}

/** One contact of one sortie. */
function makeContact(data, row) {
  const [vessel, bits, patrol, sortie, sensor, outcome, begin, end, diverted, x0, y0, x1, y1, placed] = row;
  return {
    kind: "contact", name: data.vessels[vessel], patrol, sortie, sensor: data.sensors[sensor],
    traits: data.traits.filter(([bit]) => bits & bit).map(([, text]) => text), isDark: (bits & data.traits[0][0]) !== 0,
    outcome: data.outcomes[outcome], begin, end, diverted, x0, y0, x1, y1, isPlaced: placed === 1,
  };
}

/** One report that came to a cell, and the tip that it is a part of. */
function makeTip(data, row) {
  const [number, cell, observer, vessel, made, arrived, followed, x, y, error, path, fruitful] = row;
  return {
    kind: "tip", name: `tip ${number} of ${data.cells[cell]}`, observer: data.observers[observer],
    vessel: vessel < 0 ? null : data.vessels[vessel], made, arrived, followed, x, y, error,
    path: data.paths[path], fruitful: fruitful === 1,
  };
}

/** What is counted so far: the name of each count and the hours at which it rises, and those at which it falls. */
function makeTotals(model) {
  const { transfers, sorties, data } = model;
  const ofKind = (kind) => data.log.t.filter((_, row) => data.log.kind[row] === model.kinds[kind]);
  const rows = [
    ["transfers", transfers.map((one) => one.begin), []],
    ["alongside now", transfers.map((one) => one.begin), transfers.map((one) => one.end)],
    ["detected", transfers.map((one) => one.rungs[1]), []],
    ["classified", transfers.map((one) => one.rungs[2]), []],
    ["documented", transfers.map((one) => one.rungs[3]), []],
    ["missed", transfers.filter((one) => one.rungs[1] === null).map((one) => one.end), []],
    ["sorties", sorties.map((one) => one.t[0]), []],
    ["in the air now", sorties.map((one) => one.t[0]), sorties.map((one) => one.ends)],
    ["cancelled", ofKind("cancelled"), []],
    ["contacts", ofKind("detected"), []],
    ["investigations", ofKind("diverted"), []],
  ];
  if (model.tips.length > 0) {
    rows.push(["reports", model.tips.map((one) => one.arrived), []]);
    rows.push(["flights to tips", ofKind("tip_followed"), []]);
  }
  return rows.map(([name, up, down]) => ({ name, up: rising(up), down: rising(down) }));
}

/** The counts at an hour: the name and the number of each. */
function countsAt(model, hour) {
  return model.totals.map((one) => [one.name, countUpTo(one.up, hour) - countUpTo(one.down, hour)]);
}

/** How far a transfer has come at an hour, 0 to 3; -1 while it may still be detected. */
function rungAt(transfer, hour) {
  for (let rung = 3; rung > 0; rung -= 1) {
    if (transfer.rungs[rung] !== null && transfer.rungs[rung] <= hour) {
      return rung;
    }
  }
  return transfer.end <= hour ? 0 : -1;
}

/** The status of a transfer at an hour, in words. */
function statusAt(transfer, hour) {
  const rung = rungAt(transfer, hour);
  return rung < 0 ? "not detected so far" : RUNGS[rung];
}

/** The sorties that are flown at some time between two hours. */
function sortiesBetween(model, from, to) {
  const first = countUpTo(model.sortieBegins, from - model.longestSortie - 1e-9);
  const last = countUpTo(model.sortieBegins, to);
  return model.sorties.slice(first, last).filter((sortie) => sortie.ends >= from);
}

/** Where an aircraft is at an hour of its sortie, its course on the plane in radians, its phase and its speed. */
function aircraftAt(model, sortie, hour) {
  const leg = Math.min(Math.max(countUpTo(sortie.t, hour) - 1, 0), sortie.t.length - 2);
  const length = sortie.t[leg + 1] - sortie.t[leg];
  const share = length > 0 ? Math.min(Math.max((hour - sortie.t[leg]) / length, 0), 1) : 0;
  const dx = sortie.x[leg + 1] - sortie.x[leg];
  const dy = sortie.y[leg + 1] - sortie.y[leg];
  return {
    kind: "aircraft", name: model.data.patrols[sortie.patrol], sortie, leg,
    x: sortie.x[leg] + share * dx, y: sortie.y[leg] + share * dy, course: Math.atan2(dx, dy),
    phase: model.data.phases[Number(sortie.phase[leg])], speed: length > 0 ? Math.hypot(dx, dy) / length : 0,
  };
}

/** The contacts whose last event is at most so many hours ago. */
function contactsAt(model, hour, tail) {
  const first = countUpTo(model.contactBegins, hour - tail - model.longestContact - 1e-9);
  const last = countUpTo(model.contactBegins, hour);
  return model.contacts.slice(first, last).filter((contact) => contact.end >= hour - tail);
}

/** Where a contact is at an hour: between its first and its last event on the straight line, before and after there. */
function contactPlace(contact, hour) {
  const length = contact.end - contact.begin;
  const share = length > 0 ? Math.min(Math.max((hour - contact.begin) / length, 0), 1) : 0;
  return [contact.x0 + share * (contact.x1 - contact.x0), contact.y0 + share * (contact.y1 - contact.y0)];
}

/** The weather at an hour: hour, sea state, visibility, wind, from where it blows, and whither on the plane. */
function weatherAt(model, hour) {
  return model.data.weather.rows[Math.max(0, countUpTo(model.weatherBegins, hour) - 1)];
}

/** Whether something holds at an hour that is so at hour 0 (the first number) and changes at the hours that follow. */
function holdsAt(changes, hour) {
  const passed = countUpTo(changes.slice(1), hour);
  return (changes[0] === 1) === (passed % 2 === 0);
}

/** The light at an hour. */
function lightAt(model, hour) {
  if (holdsAt(model.data.light.sun, hour)) {
    return "day";
  }
  return holdsAt(model.data.light.light, hour) ? "twilight" : "dark";
}

/** The stretches of time in which something does not hold: begin and end of each. */
function stretchesWithout(changes, end) {
  const edges = changes[0] === 1 ? changes.slice(1) : [0, ...changes.slice(1)];
  const found = [];
  for (let i = 0; i < edges.length; i += 2) {
    found.push([edges[i], i + 1 < edges.length ? edges[i + 1] : end]);
  }
  return found;
}

/** The longitude and latitude of a place on the plane, from the lattice of known places. */
function lonLatAt(data, x, y) {
  const { side, lon, lat } = data.map.lattice;
  const [west, south, east, north] = data.map.whole;
  const u = Math.min(Math.max(((x - west) / (east - west)) * (side - 1), 0), side - 1.000001);
  const v = Math.min(Math.max(((y - south) / (north - south)) * (side - 1), 0), side - 1.000001);
  const i = Math.floor(v) * side + Math.floor(u);
  const [a, b] = [u % 1, v % 1];
  const mix = (values) =>
    (1 - b) * ((1 - a) * values[i] + a * values[i + 1]) + b * ((1 - a) * values[i + side] + a * values[i + side + 1]);
  return [mix(lon), mix(lat)];
}

/** The course of true north at a place on the plane, in radians, clockwise from its upper edge. */
function northAt(data, x, y) {
  const reach = 5;
  const [lon1, lat1] = lonLatAt(data, x + reach, y);
  const [lon0, lat0] = lonLatAt(data, x - reach, y);
  const scale = Math.cos(((lat0 + lat1) * Math.PI) / 360);
  return Math.atan2(lat1 - lat0, (lon1 - lon0) * scale);
}

/** A longitude and a latitude in words. */
function placeText([lon, lat]) {
  const east = ((((lon + 180) % 360) + 360) % 360) - 180;
  const part = (value, letter) => {
    const minutes = Math.round(Math.abs(value) * 60);
    return `${Math.floor(minutes / 60)}°${twoDigits(minutes % 60)}′${letter}`;
  };
  return `${part(lat, lat < 0 ? "S" : "N")} ${part(east, east < 0 ? "W" : "E")}`;
}

/** What an event says, as a sentence without its time. */
function eventText(model, row) {
  const { data } = model;
  const log = data.log;
  const who = data.patrols[log.patrol[row]] ?? "a patrol";
  const what = data.vessels[log.vessel[row]] ?? "a vessel";
  const detail = data.details[log.detail[row]];
  const more = detail ? `: ${detail}` : "";
  const sentences = {
    alongside: `${what}: the ships come alongside`,
    parted: `${what}: the ships part`,
    takeoff: `${who} takes off${detail ? ` for ${detail}` : ""}`,
    detected: `${who} detects ${what}${detail ? ` by ${detail}` : ""}`,
    diverted: `${who} leaves for ${what}`,
    tip_followed: `${who} leaves for tip ${detail ?? ""}`,
    classified: `${who} classifies ${what}: two vessels alongside`,
    not_classified: `${who} does not classify ${what}`,
    documented: `${who} documents ${what}`,
    identified: `${who} has investigated ${what} and has no imagery`,
    lost: `${who} gives up ${what}`,
    bingo: `${who} turns home, since fuel or hours just suffice`,
    intercepted: `${who} must hold, since a fighter intercepts it`,
    aborted: `${who} turns home because of a fault`,
    landed: `${who} lands${more}`,
    cancelled: `${who} does not fly${more}`,
  };
  const kind = data.events[log.kind[row]];
  return Object.hasOwn(sentences, kind) ? sentences[kind] : `${kind} ${what}${more}`;
}

/** The rows of events of some kinds, all of them without kinds; with `names`, only those about these vessels. */
function eventRows(model, kinds, names) {
  const { log, events, vessels } = model.data;
  const rows = [];
  for (let row = 0; row < log.t.length; row += 1) {
    const isKind = kinds === null || kinds.has(events[log.kind[row]]);
    if (isKind && (names === null || names.has(vessels[log.vessel[row]]))) {
      rows.push(row);
    }
  }
  return rows;
}
