// Where one writes: the text, the command menu (by its button or by "/"), and what the bot offers inline.

import { el, icon } from "/dom.js";
import { firstIdOf, state } from "/state.js";
import { post } from "/wire.js";
import { word } from "/words.js";

const $ = (id) => document.getElementById(id);
const PAUSE_MS = 250;
const TALLEST_PX = 180;
const INLINE_CHARACTERS = 256; // Telegram sends the bot no more
const BLANK = /^[\s\x1c-\x1f\x85]*$/; // also what the sandbox takes for a space

let items = []; // what the open list offers: { nodes, take, fill }
let chosen = 0;
let asked = 0;
const drafts = new Map(); // person and chat -> what was begun there
let place = null; // the person and chat whose words are in the box

export function setUp() {
  $("menu").append(icon("menu"));
  $("send").append(icon("send"));
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  $("words").addEventListener("input", changed);
  $("words").addEventListener("keydown", pressed);
  $("menu").addEventListener("click", () => ($("offer").hidden ? openMenu(null) : closeOffer()));
  $("begin").addEventListener("click", () => say("/start"));
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("#foot")) closeOffer();
  });
}

// Show what fits the open chat: the composer, START, or why one cannot write.
export function draw() {
  const chat = state.chats.get(state.open);
  if (!chat) return;
  const writes = chat.writers.includes(state.me.id);
  const begun = chat.kind !== "private" || chat.bot;
  $("composer").hidden = !writes || !begun;
  $("begin").hidden = !writes || begun;
  $("closed").hidden = writes;
  $("menu").hidden = chat.kind === "channel";
  move(`${state.me.id} ${firstIdOf(chat.id)}`); // after it is shown: a box that nobody sees has no height
}

// Every person has an own draft in every chat.
function move(now) {
  if (now === place) return;
  if (place !== null) drafts.set(place, $("words").value);
  place = now;
  write(drafts.get(now) ?? "");
}

function write(text) {
  closeOffer();
  $("words").value = text;
  grow();
}

// Send a text as it is, such as a command that was clicked; what stands in the box stays there. Null when refused.
export async function say(text) {
  closeOffer();
  const sent = await post("/api/say", { user_id: state.me.id, chat_id: state.open, text });
  if (sent !== null) $("words").focus({ preventScroll: true });
  return sent;
}

function submit() {
  const text = $("words").value;
  if (!BLANK.test(text)) give(() => say(text));
}

// Empty the box before its words are on their way, so that they go once; what is refused comes back.
async function give(send) {
  const [text, where] = [$("words").value, place];
  write("");
  if ((await send()) !== null) return;
  const later = where === place ? $("words").value : (drafts.get(where) ?? "");
  const both = [text, later].filter(Boolean).join("\n");
  if (where === place) write(both);
  else drafts.set(where, both);
}

// Put words into the composer, as a button of the bot asks for.
export function fill(text) {
  $("words").value = text;
  $("words").focus();
  changed();
}

function grow() {
  const box = $("words");
  box.style.height = "";
  if (box.scrollHeight) box.style.height = `${Math.min(box.scrollHeight, TALLEST_PX)}px`;
  $("send").disabled = BLANK.test(box.value);
}

function changed() {
  grow();
  const text = $("words").value;
  const inline = new RegExp(`^@${state.bot.username}\\s([\\s\\S]*)`, "i").exec(text);
  if (/^\/\w*$/.test(text)) openMenu(text.slice(1).toLowerCase());
  else if (inline) askInline([...inline[1]].slice(0, INLINE_CHARACTERS).join(""));
  else closeOffer();
}

function pressed(event) {
  const open = !$("offer").hidden && items.length > 0;
  if (event.key === "Escape" && !$("offer").hidden) {
    event.preventDefault();
    closeOffer();
  } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
  } else if (open && event.key === "Tab" && items[chosen].fill) {
    event.preventDefault();
    fill(items[chosen].fill);
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (open) items[chosen].take();
    else submit();
  }
}

// --- the list above the composer

// The commands that begin so; all of them, and the box stays as it is, for null.
async function openMenu(begin) {
  const turn = (asked += 1);
  const answer = await post("/api/menu", { user_id: state.me.id, chat_id: state.open });
  if (answer === null || turn !== asked) return;
  const found = answer.commands.filter((one) => one.command.startsWith(begin ?? ""));
  show(
    found.map((one) => ({
      nodes: [el("b", {}, `/${one.command}`), el("span", {}, one.description)],
      take: () => (begin === null ? say(`/${one.command}`) : give(() => say(`/${one.command}`))),
      fill: `/${one.command} `,
    })),
    begin && !found.length ? null : "noCommand",
  );
}

async function askInline(text) {
  const turn = (asked += 1);
  show([], "searching");
  await new Promise((done) => setTimeout(done, PAUSE_MS));
  if (turn !== asked) return;
  const here = { user_id: state.me.id, chat_id: state.open };
  const answer = await post("/api/inline", { ...here, text });
  if (turn !== asked) return;
  const results = answer?.results ?? [];
  show(
    results.map((one) => ({
      nodes: [el("b", { dir: "auto" }, one.title), el("span", { dir: "auto" }, one.description)],
      take: () => give(() => post("/api/choose", { ...here, query: answer.query, result: one.id })),
    })),
    "noResult",
  );
}

function show(offered, otherwise) {
  items = offered;
  const rows = items.map((item, index) => {
    const row = el("div", { class: "offer-row", role: "option", id: `offer-${index}` }, item.nodes);
    row.addEventListener("click", item.take);
    row.addEventListener("pointermove", () => choose(index, false));
    return row;
  });
  $("offer").hidden = !items.length && otherwise === null;
  $("offer").replaceChildren(...(rows.length || !otherwise ? rows : [el("p", { class: "offer-none" }, word(otherwise))]));
  expanded(!$("offer").hidden);
  choose(0);
  if (document.activeElement === $("menu")) $("words").focus();
}

function choose(index, scroll = true) {
  const rows = [...$("offer").querySelectorAll(".offer-row")];
  chosen = rows.length ? (index + rows.length) % rows.length : 0;
  rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
  if (scroll) rows[chosen]?.scrollIntoView({ block: "nearest" });
  if (rows.length) $("words").setAttribute("aria-activedescendant", `offer-${chosen}`);
  else $("words").removeAttribute("aria-activedescendant");
}

function closeOffer() {
  asked += 1;
  items = [];
  $("offer").hidden = true;
  $("offer").replaceChildren();
  expanded(false);
  $("words").removeAttribute("aria-activedescendant");
}

function expanded(open) {
  for (const id of ["menu", "words"]) $(id).setAttribute("aria-expanded", String(open));
}
