// The page: brings the parts together, and keeps who you are, what is open and how it looks.

import { answered } from "/bubble.js";
import * as composer from "/composer.js";
import { icon } from "/dom.js";
import * as list from "/list.js";
import { alertBox, note } from "/notes.js";
import * as panel from "/panel.js";
import { chatsOf, state, takeMessages, takePlaces } from "/state.js";
import * as talk from "/talk.js";
import { listen, post } from "/wire.js";
import { speak, word } from "/words.js";

const $ = (id) => document.getElementById(id);
const THEMES = ["auto", "light", "dark"];
const WIDE = matchMedia("(min-width: 900px)");
const ROOM_FOR_PANEL = matchMedia("(min-width: 1180px)");

let online = null;

function draw() {
  if (!state.me) return;
  list.draw(open);
  talk.draw({ send: composer.say, fill: composer.fill }, drawList);
  composer.draw();
}

function drawList() {
  list.draw(open);
}

// Open a chat as a person; without a chat only become that person, in the same kind of chat.
function open(chat, person) {
  const kind = state.chats.get(state.open)?.kind;
  state.me = person;
  localStorage.setItem("me", String(person.id));
  const mine = chatsOf(person);
  state.open = (chat ?? mine.find((one) => one.id === state.open) ?? mine.find((one) => one.kind === kind) ?? mine[0])?.id ?? null;
  if (chat) $("app").dataset.view = "talk";
  composer.reset();
  retell();
  if (WIDE.matches && chat) $("words").focus({ preventScroll: true });
}

// Everything in the language of who you are.
function retell() {
  speak(state.me.language);
  $("language").textContent = state.me.language.toUpperCase();
  showOnline();
  draw();
  panel.draw();
}

function showOnline() {
  $("line").classList.toggle("off", online === false);
  $("line-words").textContent = word(online === false ? "offline" : "online");
}

const hearers = {
  places(facts) {
    const first = state.me === null;
    const before = state.me?.language;
    takePlaces(facts);
    if (!state.me) return;
    if (first && WIDE.matches) state.open = chatsOf(state.me).find((chat) => chat.kind === "private")?.id ?? null;
    if (first || state.me.language !== before) retell();
    else draw();
  },
  messages(facts) {
    takeMessages(facts);
    draw();
  },
  toast({ user, text, alert }) {
    if (user !== state.me?.id) return;
    if (alert) alertBox(text);
    else note(text);
  },
  answered({ query }) {
    answered(query);
  },
  panel(facts) {
    const first = state.panel === null;
    state.panel = facts;
    if (first) showPanel(ROOM_FOR_PANEL.matches && localStorage.getItem("panel") !== "closed");
    for (const id of ["panel-toggle", "panel-toggle-side"]) $(id).hidden = false;
    if (!$("panel").hidden) panel.draw();
  },
};

function showPanel(shown) {
  $("panel").hidden = !shown;
  $("app").classList.toggle("with-panel", shown);
  for (const id of ["panel-toggle", "panel-toggle-side"]) $(id).setAttribute("aria-expanded", String(shown));
  if (shown) panel.draw();
}

function togglePanel() {
  const shown = $("panel").hidden;
  localStorage.setItem("panel", shown ? "open" : "closed");
  showPanel(shown);
}

function paint(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
  $("theme").replaceChildren(icon({ auto: "auto", light: "sun", dark: "moon" }[theme]));
}

function setUp() {
  const kept = localStorage.getItem("theme");
  paint(THEMES.includes(kept) ? kept : "auto");
  $("theme").addEventListener("click", () => {
    paint(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]);
  });
  $("language").addEventListener("click", () => {
    const language = state.me.language === "ru" ? "en" : "ru";
    post("/api/language", { user_id: state.me.id, language });
  });
  for (const id of ["panel-toggle", "panel-toggle-side"]) {
    $(id).append(icon("panel"));
    $(id).hidden = true;
    $(id).addEventListener("click", togglePanel);
  }
  ROOM_FOR_PANEL.addEventListener("change", ({ matches }) => {
    if (state.panel) showPanel(matches && localStorage.getItem("panel") !== "closed");
  });
  $("back").addEventListener("click", () => {
    $("app").dataset.view = "list";
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (!$("panel").hidden && !ROOM_FOR_PANEL.matches) togglePanel();
    else $("app").dataset.view = "list";
  });
  talk.setUp(drawList);
  composer.setUp();
  speak("en");
  listen(hearers, (now) => {
    online = now;
    showOnline();
  });
}

setUp();
