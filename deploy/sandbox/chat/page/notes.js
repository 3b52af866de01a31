// What is said over the chat for a moment: toasts, and alerts that must be closed.

import { el } from "/dom.js";

const TOAST_MS = 3200;

export function note(text) {
  const made = el("p", { class: "note" }, text);
  const place = document.getElementById("notes");
  place.append(made);
  while (place.childElementCount > 3) place.firstChild.remove();
  setTimeout(() => made.remove(), TOAST_MS);
}

export function alertBox(text) {
  const box = document.getElementById("alert");
  document.getElementById("alert-words").textContent = text;
  if (!box.open) box.showModal();
}
