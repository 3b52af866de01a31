// The open chat: its head, its messages, and where one has scrolled to.

import { bubble, forget } from "/bubble.js";
import { el, face, icon, reconcile } from "/dom.js";
import { markRead, messagesOf, state, titleOf } from "/state.js";
import { called, day, number, word } from "/words.js";

const NEAR_PX = 80;
const TOGETHER_SECONDS = 300;

const $ = (id) => document.getElementById(id);
const pills = new Map();
let shown = null; // the chat and person that are drawn
let lastSeen = 0; // the newest message that was in view

export function setUp(onread) {
  $("down").prepend(icon("down"));
  $("back").append(icon("back"));
  $("down").addEventListener("click", () => toBottom(true));
  $("scroll").addEventListener("scroll", () => {
    if (atBottom()) seen(onread);
    showDown();
  });
  document.addEventListener("visibilitychange", () => atBottom() && seen(onread));
  new ResizeObserver(() => stick && toBottom(false)).observe($("messages"));
  new ResizeObserver(() => stick && toBottom(false)).observe($("scroll"));
  $("picture").addEventListener("click", () => $("picture").close());
  $("picture-close").append(icon("close"));
}

let stick = true; // whether new messages scroll into view

function atBottom() {
  const box = $("scroll");
  stick = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
  return stick;
}

export function toBottom(smooth) {
  const box = $("scroll");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  stick = true;
  box.scrollTo({ top: box.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
}

function seen(onread) {
  if (state.open === null || document.hidden) return;
  const last = messagesOf(state.open).at(-1)?.id ?? 0;
  if (last === lastSeen) return;
  lastSeen = last;
  markRead(state.me.id, state.open);
  onread();
}

function showDown() {
  const newer = messagesOf(state.open ?? 0).filter((one) => one.id > lastSeen && one.from.id !== state.me?.id).length;
  $("down").hidden = stick || state.open === null;
  $("down-count").hidden = newer === 0;
  $("down-count").textContent = number(newer);
  $("down").setAttribute("aria-label", newer ? word("newMessages", { n: number(newer) }) : word("toBottom"));
}

export function enlarge(url) {
  $("picture-image").src = url;
  $("picture").showModal();
}

// Draw the open chat as the state has it.
export function draw(acts, onread) {
  const chat = state.chats.get(state.open);
  for (const id of ["talk-top", "foot"]) $(id).hidden = !chat;
  $("empty").hidden = Boolean(chat);
  $("scroll").hidden = !chat;
  const now = chat ? `${chat.id} ${state.me.id} ${state.me.language}` : null;
  const fresh = now === shown;
  if (!fresh) {
    forget();
    pills.clear();
    lastSeen = 0;
  }
  shown = now;
  if (!chat) return showDown();
  head(chat);
  const own = messagesOf(chat.id).at(-1)?.from.id === state.me.id;
  const follow = !fresh || atBottom() || (own && messagesOf(chat.id).at(-1).id > lastSeen);
  reconcile($("messages"), nodes(chat, { ...acts, enlarge, fresh }));
  if (follow) {
    toBottom(false);
    seen(onread);
  }
  showDown();
}

function head(chat) {
  const title = titleOf(chat);
  $("talk-title").textContent = title;
  $("talk-under").textContent = under(chat);
  $("talk-face").replaceChildren(face(title, chat.id, chat.kind === "private" ? "bot" : chat.kind));
}

function under(chat) {
  if (chat.kind === "private") return word("bot");
  const names = chat.members.map((id) => called(state.people.find((one) => one.id === id)?.name ?? ""));
  return [word(chat.kind === "channel" ? "channel" : "group"), [...names, state.bot.name].join(", ")].join(" · ");
}

function nodes(chat, acts) {
  const messages = messagesOf(chat.id);
  if (!messages.length) return [el("div", { class: "pill" }, el("span", {}, word("nothingYet")))];
  return messages.flatMap((message, index) => {
    const [before, after] = [messages[index - 1], messages[index + 1]];
    const place = { first: !together(before, message), last: !together(message, after) };
    const made = bubble(message, chat, place, acts);
    return before && day(before.at) === day(message.at) ? [made] : [pill(day(message.at)), made];
  });
}

function pill(text) {
  if (!pills.has(text)) pills.set(text, el("div", { class: "pill" }, el("span", {}, text)));
  return pills.get(text);
}

function together(a, b) {
  if (!a || !b || a.service || b.service) return false;
  return a.from.id === b.from.id && b.at - a.at < TOGETHER_SECONDS && day(a.at) === day(b.at);
}
