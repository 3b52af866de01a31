// The page: brings the parts together, and keeps who you are, what is open and how it looks.

import { forget } from "/bubble.js";
import * as composer from "/composer.js";
import { icon } from "/dom.js";
import { answered } from "/keys.js";
import * as list from "/list.js";
import { alertBox, nextAlert, note } from "/notes.js";
import * as panel from "/panel.js";
import { chatsOf, firstIdOf, state, takeMessages, takePlaces } from "/state.js";
import * as talk from "/talk.js";
import { listen, post } from "/wire.js";
import { speak, word } from "/words.js";

const $ = (id) => document.getElementById(id);
const THEMES = ["auto", "light", "dark"];
const WIDE = matchMedia("(min-width: 900px)");
const ROOM_FOR_PANEL = matchMedia("(min-width: 1180px)");

let due = false;

// Draw with the next frame: news often come many at a time.
function draw() {
  if (due) return;
  due = true;
  requestAnimationFrame(drawNow);
}

function drawNow() {
  due = false;
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
  sessionStorage.setItem("me", String(person.id));
  const mine = chatsOf(person);
  state.open = (chat ?? mine.find((one) => one.id === state.open) ?? mine.find((one) => one.kind === kind) ?? mine[0])?.id ?? null;
  if (state.open !== null) sessionStorage.setItem("open", String(firstIdOf(state.open)));
  if (chat) see("talk");
  retell();
  drawNow();
  if (WIDE.matches && chat) $("words").focus({ preventScroll: true });
}

// In a narrow window: the list of chats, or the open one.
function see(view) {
  $("app").dataset.view = view;
  sessionStorage.setItem("view", view);
}

// What was open before the page was loaded anew; else, where there is room, the own chat with the bot.
function reopen() {
  const mine = chatsOf(state.me);
  const kept = mine.find((chat) => String(firstIdOf(chat.id)) === sessionStorage.getItem("open"));
  const talks = kept && sessionStorage.getItem("view") === "talk";
  see(talks ? "talk" : "list");
  if (WIDE.matches || talks) state.open = (kept ?? mine.find((chat) => chat.kind === "private"))?.id ?? null;
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
  $("line").classList.toggle("off", state.online === false);
  $("line-words").textContent = word(state.online === false ? "offline" : "online");
}

const hearers = {
  places(facts) {
    const first = state.me === null;
    const before = state.me?.language;
    takePlaces(facts);
    if (!state.me) return;
    if (first) reopen();
    if (first || state.me.language !== before) retell();
    else draw();
  },
  messages(facts) {
    takeMessages(facts);
    if (facts.all || facts.gone.length) forget(true);
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

// The open group becomes a supergroup; the button goes, and what had the focus should not be nothing.
async function upgrade() {
  const answer = await post("/api/upgrade", { user_id: state.me.id, chat_id: state.open });
  if (answer !== null) $("words").focus({ preventScroll: true });
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
  $("upgrade").append(icon("upgrade"));
  $("upgrade").addEventListener("click", upgrade);
  for (const id of ["panel-toggle", "panel-toggle-side"]) {
    $(id).append(icon("panel"));
    $(id).hidden = true;
    $(id).addEventListener("click", togglePanel);
  }
  ROOM_FOR_PANEL.addEventListener("change", ({ matches }) => {
    if (state.panel) showPanel(matches && localStorage.getItem("panel") !== "closed");
  });
  $("back").addEventListener("click", () => {
    see("list");
  });
  $("alert").addEventListener("close", nextAlert);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (!$("panel").hidden && !ROOM_FOR_PANEL.matches) togglePanel();
    else see("list");
  });
  talk.setUp(drawList, draw);
  composer.setUp();
  speak("en");
  listen(hearers, (now) => {
    if (state.online === now) return;
    state.online = now;
    showOnline();
    draw();
    panel.draw();
  });
}

setUp();
