// The open chat: its head, its messages, and where one has scrolled to.

import { bubble, forget } from "/bubble.js";
import { el, face, icon, reconcile } from "/dom.js";
import { firstIdOf, mark, markRead, messagesOf, state, titleOf, unread } from "/state.js";
import { called, day, number, word } from "/words.js";

const NEAR_PX = 80;
const EARLIER_PX = 500;
const LINE_PX = 48; // how far below the top the line of unread messages is put
const TOGETHER_SECONDS = 300;
const DRAWN = 100; // of a long chat; more when somebody scrolls up

const $ = (id) => document.getElementById(id);
const pills = new Map();
let shown = null; // the chat and person that are drawn
let lastSeen = 0; // the newest message that was in view
let begin = 0; // the first message that is drawn
let line = 0; // the first message that was unread when the chat was opened
let stick = true; // whether new messages scroll into view

export function setUp(onread, redraw) {
  $("down").prepend(icon("down"));
  $("back").append(icon("back"));
  $("down").addEventListener("click", () => toBottom(true));
  $("skip").addEventListener("click", () => $($("composer").hidden ? "begin" : "words").focus());
  $("scroll").addEventListener("scroll", () => {
    if (atBottom()) seen(onread);
    else if ($("scroll").scrollTop < EARLIER_PX && reach()) redraw();
    showDown();
  });
  document.addEventListener("visibilitychange", () => atBottom() && seen(onread));
  new ResizeObserver(() => stick && toBottom(false)).observe($("messages"));
  new ResizeObserver(() => stick && toBottom(false)).observe($("scroll"));
  $("picture").addEventListener("click", () => $("picture").close());
  $("picture-close").append(icon("close"));
}

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
  const now = chat ? `${firstIdOf(chat.id)} ${state.me.id}` : null; // an upgraded group is no other chat
  const opened = now !== shown;
  shown = now;
  if (!chat) return showDown();
  head(chat);
  if (opened) begun(chat);
  $("messages").setAttribute("aria-live", opened ? "off" : "polite");
  const last = messagesOf(chat.id).at(-1);
  const own = last?.from.id === state.me.id && last.id > lastSeen;
  const change = () => reconcile($("messages"), nodes(chat, { ...acts, enlarge, fresh: !opened }));
  if (opened || stick || own) change();
  else keepPlace(change);
  if (opened) toLine();
  if (stick || own) {
    toBottom(false);
    seen(onread);
  }
  showDown();
}

// Another chat, or another person's: nothing of the old one is kept, and it is not read out.
function begun(chat) {
  forget();
  pills.clear();
  lastSeen = mark(state.me.id, chat.id);
  line = unread(state.me.id, chat.id)[0]?.id ?? 0;
  const messages = messagesOf(chat.id);
  const from = messages.length - DRAWN;
  begin = Math.min(messages[Math.max(0, from)]?.id ?? 0, line || Infinity);
  stick = !line;
}

// Begin where the unread messages do, if they are more than can be seen.
function toLine() {
  const first = line && find(line);
  if (first) $("scroll").scrollTop = first.offsetTop - LINE_PX;
  if (!first || atBottom()) stick = true;
}

function find(id) {
  return $("messages").querySelector(`[data-message="${id}"]`);
}

// Change the messages without moving what is being read.
function keepPlace(change) {
  const box = $("scroll");
  const top = box.getBoundingClientRect().top;
  const inView = [...$("messages").children].filter((node) => node.dataset.message && node.getBoundingClientRect().bottom > top);
  const before = inView.slice(0, 30).map((node) => ({ id: node.dataset.message, y: node.getBoundingClientRect().top }));
  change();
  const stays = before.find(({ id }) => find(id));
  if (stays) box.scrollTop += find(stays.id).getBoundingClientRect().top - stays.y;
}

function head(chat) {
  const title = titleOf(chat);
  $("talk-title").textContent = title;
  $("talk-under").textContent = state.online === false ? word("offline") : under(chat);
  $("upgrade").hidden = chat.kind !== "group" || chat.owner !== state.me.id;
  $("talk-under").classList.toggle("off", state.online === false);
  $("talk-face").replaceChildren(face(title, firstIdOf(chat.id), chat.kind === "private" ? "bot" : chat.kind));
}

function under(chat) {
  if (chat.kind === "private") return [word("bot"), word(chat.blocked ? "blocked" : "live")].join(" · ");
  const names = chat.members.map((id) => called(state.people.find((one) => one.id === id)?.name ?? ""));
  return [word(chat.kind), [...names, state.bot.name].join(", ")].join(" · ");
}

// The messages that are drawn: the newest ones, or all from `begin` on when somebody has scrolled up.
function drawn(chat) {
  const all = messagesOf(chat.id);
  const from = all.findIndex((one) => one.id >= begin);
  const most = Math.max(0, all.length - DRAWN);
  const start = from < 0 || (stick && all.length - from > 2 * DRAWN) ? most : from;
  begin = all[start]?.id ?? 0;
  return all.slice(start);
}

// Let earlier messages be drawn too; false when there are none.
function reach() {
  const all = messagesOf(state.open ?? 0);
  const from = all.findIndex((one) => one.id >= begin);
  if (from <= 0) return false;
  begin = all[Math.max(0, from - DRAWN)].id;
  return true;
}

function nodes(chat, acts) {
  const messages = drawn(chat);
  if (!messages.length) return [pill(word("nothingYet"))];
  return messages.flatMap((message, index) => {
    const [before, after] = [messages[index - 1], messages[index + 1]];
    const place = { first: !together(before, message), last: !together(message, after) };
    const made = [bubble(message, chat, place, acts)];
    if (message.id === line) made.unshift(pill(word("unreadLine"), "pill unread"));
    if (!before || day(before.at) !== day(message.at)) made.unshift(pill(day(message.at)));
    return made;
  });
}

function pill(text, look = "pill") {
  if (!pills.has(text)) pills.set(text, el("div", { class: look }, el("span", {}, text)));
  return pills.get(text);
}

function together(a, b) {
  if (!a || !b || a.service || b.service || b.id === line) return false;
  return a.from.id === b.from.id && b.at - a.at < TOGETHER_SECONDS && day(a.at) === day(b.at);
}
