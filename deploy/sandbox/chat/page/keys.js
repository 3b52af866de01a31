// The buttons below a message: links, copies, inline questions, and taps that wait for the bot's answer.

import { copy, el, icon, link, safe } from "/dom.js";
import { note } from "/notes.js";
import { state } from "/state.js";
import { post } from "/wire.js";
import { word } from "/words.js";

const PATIENCE_MS = 10_000;

const waiting = new Map(); // query id -> the name of the button that waits for its answer
const early = new Set(); // queries that were answered before the page knew their ids
let onTheWay = 0; // taps whose query ids are not known yet

// The rows of buttons of a message; null without any. `acts` has fill.
export function keyboard(message, acts) {
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
  return button(facts, () => tap(message, row, column, facts.data.key), text);
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

async function tap(message, row, column, name) {
  show(name, true);
  onTheWay += 1;
  const answer = await post("/api/tap", { user_id: state.me.id, chat_id: message.chat, message_id: message.id, row, column });
  onTheWay -= 1;
  if (!answer?.query || early.delete(answer.query)) show(name, false);
  else waitFor(answer.query, name);
  if (!onTheWay) early.clear();
}

function waitFor(query, name) {
  waiting.set(query, name);
  setTimeout(() => rest(query), PATIENCE_MS);
}

// The bot has answered a tap: its button waits no longer.
export function answered(query) {
  if (waiting.has(query)) rest(query);
  else if (onTheWay) early.add(query);
}

function rest(query) {
  const name = waiting.get(query);
  waiting.delete(query);
  if (name !== undefined && ![...waiting.values()].includes(name)) show(name, false);
}

// The button may have been drawn anew meanwhile.
function show(name, waits) {
  document.querySelector(`[data-key="${CSS.escape(name)}"]`)?.classList.toggle("waits", waits);
}
