// One message: its words, picture, buttons, time.

import { el, face, icon } from "/dom.js";
import { rich } from "/entities.js";
import { keyboard } from "/keys.js";
import { isMine, messageOf, state } from "/state.js";
import { called, time, word } from "/words.js";

const LONE_EMOJI = /^(?:\p{Extended_Pictographic}(?:\u200d\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)*){1,3}$/u;
const drawn = new Map(); // chat:id -> { message, key, node }

// The message's element, drawn anew only when something of it has changed. `acts` has send, fill and enlarge.
export function bubble(message, chat, place, acts) {
  const name = `${message.chat}:${message.id}`;
  const key = [state.me.id, state.me.language, place.first, place.last].join(" ");
  const known = drawn.get(name);
  if (known?.message === message && known.key === key) return known.node;
  const node = message.service ? service(message) : said(message, chat, place, acts);
  node.dataset.message = message.id;
  if (known === undefined && acts.fresh && !message.silent) node.classList.add("fresh");
  keepFocus(known?.node, node);
  drawn.set(name, { message, key, node });
  return node;
}

// Forget the drawn messages; or only those that are no longer there.
export function forget(onlyGone = false) {
  for (const [name, { message }] of drawn) if (!onlyGone || !messageOf(message.chat, message.id)) drawn.delete(name);
}

// What has happened, where the message is Telegram's own.
export function serviceText(message) {
  const { kind, names } = message.service;
  const alone = names.length === 1 && names[0] === message.from.name;
  const patterns = {
    new_chat_members: alone ? "joined" : "added",
    left_chat_member: alone ? "left" : "removed",
    migrate_from_chat_id: "movedGroup",
    forum_topic_created: "topic",
    forum_topic_closed: "topicClosed",
    forum_topic_reopened: "topicReopened",
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
    { class: ["bubble", message.text ? "" : "bare", lone(message) ? "lone" : ""].join(" ").trim() },
    named ? el("p", { class: "who", data: { colour: String(Math.abs(message.from.id) % 7) } }, called(message.from.name)) : null,
    message.via ? el("p", { class: "via" }, word("via", { name: state.bot.username })) : null,
    message.picture ? picture(message, acts) : null,
    message.text ? words(message, acts) : null,
    stamp(message),
  );
  const avatar = many && !mine ? el("span", { class: "side-face" }, last ? faceOf(message) : null) : null;
  return el(
    "article",
    { class: classes.join(" ").trim(), "aria-label": `${called(message.from.name)}, ${time(message.at)}` },
    avatar,
    el("div", { class: "column", data: { keys: String(Math.max(0, ...message.keys.map((row) => row.length))) } }, body, keyboard(message, acts)),
  );
}

// Nothing but a few emoji, which are shown large.
function lone(message) {
  return !message.picture && !message.keys.length && LONE_EMOJI.test(message.text);
}

function faceOf(message) {
  return face(called(message.from.name), message.from.id, message.from.bot ? "bot" : "person");
}

function words(message, acts) {
  // the empty end keeps the last line clear of the time
  const marks = [message.edited ? "edited-too" : "", message.silent ? "quiet-too" : "", isMine(message) ? "sent-too" : ""].join(" ");
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
  const sent = isMine(message) ? el("span", { class: "sent", title: word("sent") }, icon("sent")) : null;
  return el("span", { class: "stamp" }, quiet, edited, el("time", { datetime: at }, time(message.at)), sent);
}

// An edit must not take the focus away from the button that asked for it.
function keepFocus(before, after) {
  const key = before?.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  if (key) queueMicrotask(() => after.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true }));
}
