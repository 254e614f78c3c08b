/* The buttons of a report that copy a text. */
"use strict";

function copyOf(button) {
  const source = document.getElementById(button.dataset.copies);
  const said = button.parentElement.querySelector("[role=status]");
  const range = document.createRange();
  range.selectNodeContents(source);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  said.textContent = document.execCommand("copy") ? "Copied." : "The text is selected: copy it with your keys.";
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", () => copyOf(button));
}

/* A printed page shows all that opens with a click, apart from the replay. */
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:not(:has(iframe))")) {
    part.dataset.wasOpen = String(part.open);
    part.open = true;
  }
});
window.addEventListener("afterprint", () => {
  for (const part of document.querySelectorAll("details[data-was-open]")) {
    part.open = part.dataset.wasOpen === "true";
  }
});
