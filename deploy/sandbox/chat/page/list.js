// The left side: who you are, your chats, and the other people's phones below.

import { serviceText } from "/bubble.js";
import { el, face, icon, keeper, reconcile } from "/dom.js";
import { chatsOf, isMine, messagesOf, state, titleOf, unread } from "/state.js";
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

function person(one, open) {
  const chosen = one.id === state.me.id;
  const waiting = chatsOf(one).flatMap((chat) => unread(one.id, chat.id)).length;
  const role = word(one.admin ? "admin" : "trader");
  const facts = [one, chosen, chosen ? 0 : waiting, role];
  return kept(`person ${one.id}`, facts, () => {
    const made = el(
      "button",
      { type: "button", class: "person", role: "radio", "aria-checked": String(chosen), tabindex: chosen ? "0" : "-1", data: { person: String(one.id) } },
      face(one.name, one.id, "person"),
      el("span", { class: "person-words" }, el("b", {}, called(one.name)), el("small", {}, role)),
      chosen ? null : badge(waiting, false),
    );
    made.addEventListener("click", () => open(null, one));
    made.addEventListener("keydown", (event) => step(event, one, open));
    return made;
  });
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
  const facts = [titleOf(chat), last?.id, last?.version, chosen, news.length, quiet, as.id, state.me.id, state.me.language];
  return kept(`row ${as.id} ${chat.id}`, facts, () => {
    const title = titleOf(chat);
    const made = el(
      "button",
      { type: "button", class: "chat-row", "aria-current": chosen ? "true" : null, data: { chat: String(chat.id) } },
      face(title, chat.id, chat.kind === "private" ? "bot" : chat.kind),
      el(
        "span",
        { class: "chat-words" },
        el(
          "span",
          { class: "chat-top" },
          sign(chat),
          el("b", { dir: "auto" }, title),
          last ? el("time", {}, time(last.at)) : null,
        ),
        el("span", { class: "chat-last" }, el("span", { class: "chat-said", dir: "auto" }, preview(chat, last)), badge(news.length, quiet)),
      ),
    );
    made.addEventListener("click", () => open(chat, as));
    return made;
  });
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
