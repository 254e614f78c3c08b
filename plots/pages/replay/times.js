"use strict";
// Times of the page: hours since the start of the deployment, as text in UTC and in the scenario's own time zone.
// This script needs nothing of the others.

const MINUTE_MS = 60000;
const HOUR_MS = 3600000;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A number of two digits at least. */
function twoDigits(number) {
  return String(number).padStart(2, "0");
}

/** The date and the time of day of a moment, in milliseconds since 1970, on a clock that shows UTC. */
function dateTexts(ms) {
  const date = new Date(Math.floor(ms / MINUTE_MS + 1e-6) * MINUTE_MS);
  return {
    day: `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`,
    short: `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`,
    time: `${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}`,
  };
}

/** An hour of the deployment in UTC. */
function utcTexts(data, hour) {
  return dateTexts(data.startMs + hour * HOUR_MS);
}

/** An hour of the deployment on the clocks of the scenario's time zone, with the name that these clocks have then. */
function localTexts(data, hour) {
  let clock = data.clocks[0];
  for (const later of data.clocks) {
    if (later[0] <= hour) {
      clock = later;
    }
  }
  const texts = dateTexts(data.startMs + hour * HOUR_MS + clock[1] * MINUTE_MS);
  return { ...texts, zone: clock[2] };
}

/** A moment as people write it: the day and time in UTC. */
function momentText(data, hour) {
  const texts = utcTexts(data, hour);
  return `${texts.short} ${texts.time} UTC`;
}

/** A length of time, in hours, as hours and minutes. */
function lengthText(hours) {
  const minutes = Math.round(hours * 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}
