// One message: its words, picture, buttons, time.

import { copy, el, face, icon, link, safe } from "/dom.js";
import { rich } from "/entities.js";
import { note } from "/notes.js";
import { isMine, state } from "/state.js";
import { post } from "/wire.js";
import { called, time, word } from "/words.js";

const drawn = new Map(); // chat:id -> { key, node }

// The message's element, drawn anew only when something of it has changed. `acts` has send, fill and enlarge.
export function bubble(message, chat, place, acts) {
  const name = `${message.chat}:${message.id}`;
  const key = [message.version, state.me.id, state.me.language, place.first, place.last].join(" ");
  const known = drawn.get(name);
  if (known?.key === key) return known.node;
  const node = message.service ? service(message) : said(message, chat, place, acts);
  node.dataset.message = message.id;
  if (known === undefined && acts.fresh && !message.silent) node.classList.add("fresh");
  keepFocus(known?.node, node);
  drawn.set(name, { key, node });
  return node;
}

export function forget() {
  drawn.clear();
}

// What has happened, where the message is Telegram's own.
export function serviceText(message) {
  const { kind, names } = message.service;
  const alone = names.length === 1 && names[0] === message.from.name;
  const patterns = {
    new_chat_members: alone ? "joined" : "added",
    left_chat_member: alone ? "left" : "removed",
    migrate_to_chat_id: "movedGroup",
    forum_topic_created: "topic",
  };
  return word(patterns[kind], { who: called(message.from.name), names: names.map(called).join(", ") });
}

function service(message) {
  return el("div", { class: "pill" }, el("span", {}, serviceText(message)));
}

function said(message, chat, { first, last }, acts) {
  const mine = isMine(message);
  const many = chat.kind === "group" || chat.kind === "supergroup";
  const named = first && !mine && many;
  const classes = ["row", mine ? "mine" : "theirs", first ? "first" : "", last ? "last" : ""];
  const body = el(
    "div",
    { class: message.text ? "bubble" : "bubble bare" },
    named ? el("p", { class: "who", data: { colour: String(Math.abs(message.from.id) % 7) } }, called(message.from.name)) : null,
    message.picture ? picture(message, acts) : null,
    message.text ? words(message, acts) : null,
    stamp(message),
  );
  const avatar = many && !mine ? el("span", { class: "side-face" }, last ? faceOf(message) : null) : null;
  return el(
    "article",
    { class: classes.join(" ").trim(), "aria-label": `${message.from.name}, ${time(message.at)}` },
    avatar,
    el("div", { class: "column", data: { keys: String(Math.max(0, ...message.keys.map((row) => row.length))) } }, body, keyboard(message, acts)),
  );
}

function faceOf(message) {
  return face(message.from.name, message.from.id, message.from.bot ? "bot" : "person");
}

function words(message, acts) {
  // the empty end keeps the last line clear of the time
  const marks = [message.edited ? "edited-too" : "", message.silent ? "quiet-too" : ""].join(" ");
  const spacer = el("span", { class: `spacer ${marks}`, "aria-hidden": "true" });
  return el("div", { class: "words", dir: "auto" }, rich(message.text, message.entities, acts.send), spacer);
}

function picture(message, acts) {
  const { url, width, height } = message.picture;
  const image = el("img", { src: url, width, height, alt: word("photo"), loading: "lazy", decoding: "async" });
  const label = word("openPicture");
  return el("button", { type: "button", class: "shot", "aria-label": label, onclick: () => acts.enlarge(url) }, image);
}

function stamp(message) {
  const quiet = message.silent ? el("span", { class: "quiet", title: word("silently") }, icon("quiet")) : null;
  const edited = message.edited ? el("span", { class: "edited" }, word("edited")) : null;
  const at = new Date(message.at * 1000).toISOString();
  return el("span", { class: "stamp" }, quiet, edited, el("time", { datetime: at }, time(message.at)));
}

// --- buttons

function keyboard(message, acts) {
  if (!message.keys.length) return null;
  const rows = message.keys.map((row, y) => el("div", { class: "keys" }, row.map((key, x) => one(message, key, y, x, acts))));
  return el("div", { class: "keyboard" }, rows);
}

function one(message, key, row, column, acts) {
  const facts = { class: "key", data: { key: `${message.chat}:${message.id}:${row}:${column}` } };
  const text = el("span", { class: "key-words" }, key.text);
  if (key.url !== undefined) {
    if (safe(key.url) === null) return button(facts, () => note(word("linkRefused")), text);
    return link(key.url, { ...facts, title: key.url }, text, corner("out"));
  }
  if (key.copy_text) return button(facts, () => copied(key.copy_text.text), text, corner("copy"));
  const asked = key.switch_inline_query_current_chat ?? key.switch_inline_query ?? key.switch_inline_query_chosen_chat?.query;
  if (asked !== undefined) return button(facts, () => acts.fill(`@${state.bot.username} ${asked}`), text, corner("inline"));
  return button(facts, (event) => tap(event.currentTarget, message, row, column), text);
}

function button(facts, onclick, ...children) {
  return el("button", { type: "button", ...facts, onclick }, ...children);
}

function corner(name) {
  return el("span", { class: "corner" }, icon(name));
}

async function copied(text) {
  note(word((await copy(text)) ? "copied" : "notCopied"));
}

async function tap(pressed, message, row, column) {
  pressed.classList.add("waits");
  const body = { user_id: state.me.id, chat_id: message.chat, message_id: message.id, row, column };
  const answer = await post("/api/tap", body);
  if (answer?.query) state.waiting.set(answer.query, pressed.dataset.key);
  else pressed.classList.remove("waits");
}

// The bot has answered a tap: its button waits no longer.
export function answered(query) {
  const key = state.waiting.get(query);
  state.waiting.delete(query);
  if (key) document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.classList.remove("waits");
}

// An edit must not take the focus away from the button that asked for it.
function keepFocus(before, after) {
  const key = before?.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  if (key) queueMicrotask(() => after.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true }));
}
