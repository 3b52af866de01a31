// The left side: who you are, your chats, and the other people's phones below.

import { serviceText } from "/bubble.js";
import { el, face, icon, keeper, reconcile } from "/dom.js";
import { chatsOf, firstIdOf, isMine, messagesOf, state, titleOf, unread } from "/state.js";
import { called, number, time, word } from "/words.js";

const $ = (id) => document.getElementById(id);
const kept = keeper();

// Draw people and chats; `open(chat, person)` is called with what is chosen.
export function draw(open) {
  if (!state.me) return;
  reconcile($("people"), state.people.map((one) => person(one, open)));
  const others = state.people.filter((one) => one.id !== state.me.id);
  const sections = chatsOf(state.me).map((chat) => row(chat, state.me, open));
  for (const other of others) {
    const own = chatsOf(other).filter((chat) => chat.kind === "private");
    if (own.length) sections.push(heading(other), ...own.map((chat) => row(chat, other, open)));
  }
  reconcile($("chats"), sections);
  const waiting = chatsOf(state.me).flatMap((chat) => unread(state.me.id, chat.id)).filter((one) => !one.silent).length;
  document.title = waiting ? `(${number(waiting)}) ToTheMoon2` : "ToTheMoon2";
}

// A button that stays the same element while what it shows changes: a click takes its time.
function button(name, facts, attributes, onclick, draw) {
  const made = kept(name, [], () => el("button", { type: "button" }));
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null) made.removeAttribute(key);
    else if (made.getAttribute(key) !== value) made.setAttribute(key, value);
  }
  made.onclick = onclick;
  reconcile(made, [kept(`within ${name}`, facts, () => el("span", { class: "within" }, draw()))]);
  return made;
}

function person(one, open) {
  const chosen = one.id === state.me.id;
  const waiting = chosen ? 0 : chatsOf(one).flatMap((chat) => unread(one.id, chat.id)).length;
  const role = word(one.admin ? "admin" : "trader");
  const radio = { role: "radio", "aria-checked": String(chosen), tabindex: chosen ? "0" : "-1" };
  const attributes = { class: "person", "data-person": String(one.id), ...radio };
  const made = button(`person ${one.id}`, [one, waiting, role], attributes, () => open(null, one), () => [
    face(called(one.name), one.id, "person"),
    el("span", { class: "person-words" }, el("b", {}, called(one.name)), el("small", {}, role)),
    badge(waiting, false),
  ]);
  made.onkeydown = (event) => step(event, one, open);
  return made;
}

// Arrows go from person to person, as in any group of radio buttons.
function step(event, one, open) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  const at = state.people.findIndex((other) => other.id === one.id) + by + state.people.length;
  const next = state.people[at % state.people.length];
  open(null, next);
  queueMicrotask(() => document.querySelector(`[data-person="${next.id}"]`)?.focus());
}

function heading(other) {
  const text = word("alsoAs", { name: called(other.name) });
  return kept(`heading ${other.id}`, [text], () => el("h2", { class: "heading" }, text));
}

function row(chat, as, open) {
  const last = messagesOf(chat.id).at(-1);
  const mine = as.id === state.me.id;
  const chosen = mine && state.open === chat.id;
  const news = chosen && document.hasFocus() ? [] : unread(as.id, chat.id);
  const quiet = news.every((one) => one.silent);
  const title = titleOf(chat);
  const facts = [title, last?.id, last?.version, last?.text, news.length, quiet, state.me.id, state.me.language];
  const attributes = { class: "chat-row", "aria-current": chosen ? "true" : null, "data-chat": String(chat.id) };
  return button(`row ${as.id} ${chat.id}`, facts, attributes, () => open(chat, as), () => [
    face(title, firstIdOf(chat.id), chat.kind === "private" ? "bot" : chat.kind),
    el("span", { class: "chat-words" }, top(chat, title, last), bottom(chat, last, badge(news.length, quiet))),
  ]);
}

function top(chat, title, last) {
  const at = last ? el("time", {}, time(last.at)) : null;
  return el("span", { class: "chat-top" }, sign(chat), el("b", { dir: "auto" }, title), at);
}

function bottom(chat, last, count) {
  return el("span", { class: "chat-last" }, el("span", { class: "chat-said", dir: "auto" }, preview(chat, last)), count);
}

function sign(chat) {
  if (chat.kind === "private") return null;
  return icon(chat.kind === "channel" ? "channel" : "group");
}

function preview(chat, last) {
  if (!last) return word("nothing");
  if (last.service) return serviceText(last);
  const text = last.text.replace(/\s+/g, " ").slice(0, 90);
  const body = last.picture ? `🖼 ${text || word("photo")}` : text;
  const many = chat.kind === "group" || chat.kind === "supergroup";
  const who = isMine(last) || many ? called(last.from.name) : null;
  return who ? [el("span", { class: "chat-who" }, `${who}: `), body] : body;
}

function badge(count, quiet) {
  return count ? el("span", { class: quiet ? "badge muted" : "badge" }, number(count)) : null;
}
