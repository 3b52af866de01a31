// What is said over the chat for a moment: toasts, and alerts that must be closed, one after the other.

import { el } from "/dom.js";

const TOAST_MS = 3200;
const LONG_MS = 8000;
const LONG_CHARACTERS = 70;

const alerts = [];

export function note(text) {
  const made = el("p", { class: "note" }, text);
  const place = document.getElementById("notes");
  place.append(made);
  while (place.childElementCount > 3) place.firstChild.remove();
  setTimeout(() => made.remove(), text.length > LONG_CHARACTERS ? LONG_MS : TOAST_MS);
}

export function alertBox(text) {
  alerts.push(text);
  const box = document.getElementById("alert");
  if (!box.open) nextAlert();
}

// The next alert that nobody has read yet.
export function nextAlert() {
  if (!alerts.length) return;
  document.getElementById("alert-words").textContent = alerts.shift();
  document.getElementById("alert").showModal();
}
