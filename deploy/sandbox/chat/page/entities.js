// Telegram's entities as elements. Offsets count UTF-16 units, as strings do here. Entities that cross are cut.

import { copy, el, icon, link } from "/dom.js";
import { clock, word } from "/words.js";
import { note } from "/notes.js";

const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);
const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s" };
const BLUE = new Set(["mention", "hashtag", "cashtag", "phone_number", "text_mention", "email"]);

const COMMAND = /(?<![\w/@<>])\/[A-Za-z][A-Za-z0-9_]{0,31}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])/g;
const LITERAL = new Set(["code", "pre", "text_link", "url", "bot_command"]);

// The text as nodes; `send` is called with a command that is clicked.
export function rich(text, entities, send) {
  const spans = entities.map((entity) => ({ entity, start: entity.offset, end: entity.offset + entity.length }));
  return between(text, 0, text.length, outerFirst(spans), send);
}

function outerFirst(spans) {
  const rank = (span) => (BLOCKS.has(span.entity.type) ? 0 : 1);
  return [...spans].sort((a, b) => a.start - b.start || b.end - a.end || rank(a) - rank(b));
}

function between(text, start, end, spans, send) {
  const nodes = [];
  let waiting = spans.filter((span) => start <= span.start && span.start < span.end && span.end <= end);
  while (waiting.length) {
    const [outer, ...others] = waiting;
    const inner = others
      .filter((span) => span.start < outer.end)
      .map((span) => ({ ...span, end: Math.min(span.end, outer.end) }));
    if (outer.start > start) nodes.push(...plain(text.slice(start, outer.start), send));
    const children = between(text, outer.start, outer.end, inner, LITERAL.has(outer.entity.type) ? null : send);
    nodes.push(wrapped(outer.entity, children, text.slice(outer.start, outer.end), send));
    start = outer.end;
    if (BLOCKS.has(outer.entity.type) && text[start] === "\n") start += 1;
    const from = start;
    waiting = outerFirst(
      others.filter((span) => span.end > from).map((span) => ({ ...span, start: Math.max(span.start, from) })),
    );
  }
  if (start < end) nodes.push(...plain(text.slice(start, end), send));
  return nodes;
}

// Words without entities; commands in them can be clicked, as in every client of Telegram.
function plain(words, send) {
  if (send === null) return [words];
  const nodes = [];
  let end = 0;
  for (const found of words.matchAll(COMMAND)) {
    nodes.push(words.slice(end, found.index), pressable("span", "command", [found[0]], () => send(found[0])));
    end = found.index + found[0].length;
  }
  return [...nodes, words.slice(end)].filter((node) => node !== "");
}

function wrapped(entity, children, words, send) {
  const kind = entity.type;
  if (Object.hasOwn(TAGS, kind)) return el(TAGS[kind], {}, children);
  if (kind === "code") return copyable("code", "code", children, words);
  if (kind === "pre") return copyable("pre", "pre", children, words);
  if (kind === "spoiler") return spoiler(children);
  if (kind === "text_link") return link(entity.url ?? "", { title: entity.url }, children);
  if (kind === "url") return link(words, {}, children);
  if (kind === "blockquote") return el("blockquote", {}, children);
  if (kind === "expandable_blockquote") return expandable(children);
  if (kind === "bot_command") return pressable("span", "command", children, () => send(words));
  if (kind === "date_time") return moment(entity, children);
  return BLUE.has(kind) ? el("span", { class: "blue" }, children) : el("span", {}, children);
}

// Something in a text that can be pressed by mouse and by keyboard.
function pressable(tag, name, children, onpress, label) {
  const onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onpress(event);
  };
  return el(tag, { class: name, role: "button", tabindex: "0", title: label, onclick: onpress, onkeydown }, children);
}

function copyable(tag, name, children, words) {
  const press = async () => note(word((await copy(words)) ? "copied" : "notCopied"));
  return pressable(tag, name, children, press, word("tapToCopy"));
}

function spoiler(children) {
  const made = pressable("span", "spoiler", children, () => {
    made.classList.add("shown");
    made.removeAttribute("aria-label");
    made.removeAttribute("role");
    made.removeAttribute("tabindex");
  });
  made.setAttribute("aria-label", word("hidden"));
  return made;
}

function expandable(children) {
  const made = el("blockquote", { class: "expandable" }, el("div", { class: "quoted" }, children));
  const key = el("button", { type: "button", class: "more", "aria-expanded": "false", "aria-label": word("more") }, icon("chevron"));
  key.addEventListener("click", () => key.setAttribute("aria-expanded", String(made.classList.toggle("open"))));
  made.append(key);
  return made;
}

// A time as the reader's own clock shows it; formats that this page does not know keep the bot's words.
function moment(entity, children) {
  const at = new Date(entity.unix_time * 1000);
  if (Number.isNaN(at.getTime())) return el("span", {}, children); // a time that no calendar has
  const shown = clock(at, entity.date_time_format ?? "");
  const facts = { datetime: at.toISOString(), title: at.toLocaleString() };
  return el("time", facts, shown === null ? children : shown);
}
