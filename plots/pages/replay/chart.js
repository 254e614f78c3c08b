"use strict";
// The view of the map: which part of the plane the canvas shows, and the still parts of the map, which are drawn on a
// canvas of their own and only when the view or the colours change. This script needs `model.js`.

const TENTH = 10; // outlines are in tenths of a nautical mile
const MOST_ZOOM = 40; // pixels for a nautical mile

/** A line of first point and steps as a path on the plane, in tenths of a mile; y grows downwards, as on a canvas. */
function addLine(path, steps, isClosed) {
  let x = steps[0];
  let y = steps[1];
  path.moveTo(x, -y);
  for (let i = 2; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    path.lineTo(x, -y);
  }
  if (isClosed) {
    path.closePath();
  }
}

/** The rings of a shape as one path. */
function pathOf(rings) {
  const path = new Path2D();
  rings.forEach((ring) => addLine(path, ring, true));
  return path;
}

/** The paths of the still parts of the map. */
function makePaths(map) {
  const lines = new Path2D();
  map.graticule.forEach(([, , steps]) => addLine(lines, steps, false));
  return {
    land: pathOf(map.land),
    graticule: lines,
    areas: map.areas.map((area) => ({ ...area, path: pathOf(area.rings) })),
    zones: map.zones.map((zone) => ({ ...zone, path: pathOf(zone.rings) })),
  };
}

/**
 * A view of the map on a canvas: `cx`, `cy` is the middle, nmi, `k` the number of pixels for a nautical mile, `free` the
 * first pixel below the buttons, `right` the width of the strip in which they stand, and `left` and `top` how far the clock
 * reaches.
 */
function makeView(map) {
  const still = document.createElement("canvas");
  const size = { width: 1, height: 1, ratio: 1, free: 0, right: 0, left: 0, top: 0 };
  return { map, paths: makePaths(map), cx: 0, cy: 0, k: 1, ...size, still, stillOf: "" };
}

/** The number of pixels for a nautical mile at which a box just fits into the canvas, beside the buttons. */
function fitting(view, [west, south, east, north]) {
  return Math.min((view.width - view.right) / (east - west), view.height / (north - south));
}

/** Show the whole first view: in the middle, or beside the buttons and, where there is room, below the clock. */
function showAll(view) {
  const [west, south, east, north] = view.map.view;
  view.k = fitting(view, view.map.view);
  const [across, down] = [view.width - view.k * (east - west), view.height - view.k * (north - south)];
  const left = Math.min(across / 2, across - view.right);
  const above = Math.min(Math.max(down / 2, view.top), down);
  view.cx = west + (view.width / 2 - left) / view.k;
  view.cy = north - (view.height / 2 - above) / view.k;
  keepWithin(view);
}

/** Keep the view within the part of the plane whose coast is known, as far as the canvas has room for it. */
function keepWithin(view) {
  const [west, south, east, north] = view.map.whole;
  view.k = Math.min(Math.max(view.k, 0.75 * fitting(view, view.map.view)), MOST_ZOOM);
  const clamp = (value, low, high, half) =>
    high - low <= 2 * half ? (low + high) / 2 : Math.min(Math.max(value, low + half), high - half);
  view.cx = clamp(view.cx, west, east, view.width / (2 * view.k));
  view.cy = clamp(view.cy, south, north, view.height / (2 * view.k));
}

/** The place on the canvas of a place on the plane. */
function toCanvas(view, x, y) {
  return [view.width / 2 + (x - view.cx) * view.k, view.height / 2 - (y - view.cy) * view.k];
}

/** The place on the plane of a place on the canvas. */
function toPlane(view, px, py) {
  return [view.cx + (px - view.width / 2) / view.k, view.cy - (py - view.height / 2) / view.k];
}

/** Zoom by a factor, so that a place on the canvas stays where it is. */
function zoomAt(view, factor, px, py) {
  const [x, y] = toPlane(view, px, py);
  view.k *= factor;
  keepWithin(view);
  view.cx = x - (px - view.width / 2) / view.k;
  view.cy = y + (py - view.height / 2) / view.k;
  keepWithin(view);
}

/** Move the map by pixels. */
function moveBy(view, dx, dy) {
  view.cx -= dx / view.k;
  view.cy += dy / view.k;
  keepWithin(view);
}

/** Make the canvas as large as its place on the page; returns whether it has changed. */
function fitCanvas(canvas, size) {
  const box = canvas.getBoundingClientRect();
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  if (width === 0 || (canvas.width === width && canvas.height === height && size.ratio === ratio)) {
    return false;
  }
  canvas.width = width;
  canvas.height = height;
  size.width = box.width;
  size.height = box.height;
  size.ratio = ratio;
  return true;
}

/** The canvas with the still parts of the map, drawn anew where the view, the layers or the colours have changed. */
function stillMap(view, layers, colours) {
  const place = [view.cx, view.cy, view.k, view.width, view.height, view.ratio];
  const wanted = [...place, layers.grid, layers.areas, colours.number].join();
  if (view.stillOf !== wanted) {
    view.stillOf = wanted;
    view.still.width = Math.round(view.width * view.ratio);
    view.still.height = Math.round(view.height * view.ratio);
    drawStill(view.still.getContext("2d"), view, layers, colours);
  }
  return view.still;
}

/** Draw land, graticule, areas and zones; beyond the part of the plane whose coast is known, nothing. */
function drawStill(pen, view, layers, colours) {
  pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, view.width, view.height);
  const scale = (view.k * view.ratio) / TENTH;
  const left = (view.width / 2 - view.cx * view.k) * view.ratio;
  const top = (view.height / 2 + view.cy * view.k) * view.ratio;
  pen.setTransform(scale, 0, 0, scale, left, top);
  const pixel = TENTH / view.k;
  const [west, south, east, north] = view.map.whole.map((edge) => edge * TENTH);
  pen.save();
  pen.beginPath();
  pen.rect(west, -north, east - west, north - south);
  pen.clip();
  pen.fillStyle = colours.sea;
  pen.fill();
  pen.fillStyle = colours.land;
  pen.fill(view.paths.land, "evenodd");
  pen.strokeStyle = colours.coast;
  pen.lineWidth = 0.7 * pixel;
  pen.stroke(view.paths.land);
  if (layers.grid) {
    pen.strokeStyle = colours.graticule;
    pen.lineWidth = 0.5 * pixel;
    pen.stroke(view.paths.graticule);
  }
  if (layers.areas) {
    view.paths.areas.forEach((area) => drawOutline(pen, area, colours, pixel));
    view.paths.zones.forEach((zone) => drawZone(pen, zone, view, colours, pixel));
  }
  pen.restore();
}

/** Draw the outline of an area: dashed, and stronger where transfers take place. */
function drawOutline(pen, area, colours, pixel) {
  pen.strokeStyle = area.transfers ? colours.ink : colours.muted;
  pen.lineWidth = (area.transfers ? 1.3 : 0.8) * pixel;
  pen.setLineDash([7 * pixel, 4 * pixel]);
  pen.stroke(area.path);
  pen.setLineDash([]);
}

/** Draw a zone with hatching. */
function drawZone(pen, zone, view, colours, pixel) {
  pen.strokeStyle = colours.zone;
  pen.lineWidth = 1.2 * pixel;
  pen.stroke(zone.path);
  pen.save();
  pen.clip(zone.path, "evenodd");
  pen.globalAlpha = 0.6;
  pen.lineWidth = pixel;
  const [x, y] = [view.cx * TENTH, -view.cy * TENTH];
  const reach = (Math.max(view.width, view.height) + 40) * pixel;
  pen.beginPath();
  for (let step = -reach; step < reach; step += 9 * pixel) {
    pen.moveTo(x + step - reach / 2, y + reach / 2);
    pen.lineTo(x + step + reach / 2, y - reach / 2);
  }
  pen.stroke();
  pen.restore();
}
