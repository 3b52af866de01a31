// The panel: how the program is, what the market does, what is broken, what each provider was asked.

import { el, reconcile } from "/dom.js";
import { note } from "/notes.js";
import { state } from "/state.js";
import { post } from "/wire.js";
import { number, seconds, word } from "/words.js";

const $ = (id) => document.getElementById(id);
const drawn = new Map();
const opened = new Set(["Birdeye"]);
const FIRST = new Set(["feed", "credits", "telegram", "database"]);
let token = "";

export function draw() {
  if (!state.panel) return;
  const facts = state.panel;
  reconcile($("panel"), [
    part("health", facts.health, health),
    part("market", { tokens: facts.tokens, token }, market),
    part("faults", facts.switches, faults),
    part("asked", { providers: facts.providers, credits: facts.credits }, asked),
  ]);
}

// A section, drawn anew only when its facts or the language have changed and nobody is using its list.
function part(name, facts, draw) {
  const key = JSON.stringify([facts, state.me?.language]);
  const known = drawn.get(name);
  if (known && (known.key === key || known.node.querySelector("select:focus"))) return known.node;
  const node = el("section", { class: `part part-${name}`, data: { part: name } }, draw(facts));
  const focused = known?.node.contains(document.activeElement) ? document.activeElement.dataset.control : null;
  if (focused) queueMicrotask(() => node.querySelector(`[data-control="${focused}"]`)?.focus());
  drawn.set(name, { key, node });
  return node;
}

function title(name, ...more) {
  return el("h2", { class: "part-title" }, el("span", {}, word(name)), ...more);
}

// --- the program's health

function health(facts) {
  const status = facts.status ?? "away";
  const parts = Object.entries(facts.parts ?? {}).map(([name, one]) => {
    const age = one.age_seconds === null ? "" : word("healthAge", { n: number(Math.round(one.age_seconds)) });
    const why = [one.last_error, age].filter(Boolean).join(" · ");
    return el(
      "li",
      { class: "vital", title: why || null },
      el("span", { class: `dot ${one.state}`, "aria-hidden": "true" }),
      el("span", { class: "vital-name" }, name),
      el("span", { class: one.state === "ok" ? "vital-state unseen" : "vital-state" }, stateWord(one.state)),
    );
  });
  const worst = Object.values(facts.parts ?? {}).find((one) => one.state === "failing" && one.last_error);
  return [
    title("healthTitle", el("span", { class: `status ${status}`, data: { status } }, stateWord(status))),
    parts.length ? el("ul", { class: "vitals" }, parts) : null,
    worst ? el("p", { class: "why" }, worst.last_error) : null,
  ];
}

function stateWord(name) {
  return word(name === "ok" ? "ok_" : name);
}

// --- the market

function market({ tokens }) {
  if (!tokens.some((one) => one.mint === token)) token = tokens[0]?.mint ?? "";
  const migrate = key("migrate", "primary", () => act("migrate", "migrated"));
  const chooser = el(
    "select",
    { class: "select", "aria-label": word("token"), data: { control: "token" } },
    tokens.map((one) => el("option", { value: one.mint, selected: one.mint === token }, `${shortly(one.symbol)} · ${one.mint.slice(0, 4)}`)),
  );
  chooser.addEventListener("change", () => {
    token = chooser.value;
  });
  const moving = [key("pump", "good", () => act("pump", "pumped", token)), key("rug", "bad", () => act("rug", "rugged", token))];
  return [
    title("marketTitle"),
    migrate,
    tokens.length ? el("div", { class: "moves" }, chooser, ...moving) : null,
    tokens.length ? null : el("p", { class: "hint" }, word("noTokens")),
  ];
}

function shortly(symbol) {
  // characters that nobody sees could turn the words around
  const clean = symbol.replace(/[\p{Cf}\p{Cc}\p{Zl}\p{Zp}]/gu, " ").replace(/\s+/g, " ").trim();
  return [...clean].slice(0, 14).join("") || "–";
}

function key(name, look, onclick) {
  return el("button", { type: "button", class: `act ${look}`, data: { control: name }, onclick }, word(name));
}

async function act(action, told, mint) {
  const answer = await post("/api/market", mint === undefined ? { action } : { action, mint });
  if (answer === null) return;
  token = answer.mint;
  note(word(told, { name: shortly(answer.symbol) }));
}

// --- faults

function faults(switches) {
  const all = Object.entries(switches);
  const first = all.filter(([name]) => FIRST.has(name));
  const more = all.filter(([name]) => !FIRST.has(name));
  return [title("faultsTitle"), ...first.map(turn), folded("faults", [el("b", {}, word("moreFaults")), on(more)], more.map(turn))];
}

// How many of these are on, if any.
function on(switches) {
  const count = switches.filter(([, on]) => on).length;
  return count ? el("span", { class: "code bad" }, number(count)) : null;
}

function turn([name, on]) {
  const made = el(
    "button",
    { type: "button", class: "switch", role: "switch", "aria-checked": String(on), data: { control: name } },
    el("span", { class: "switch-words" }, el("b", {}, word(name)), el("small", {}, word(`${name}More`))),
    el("span", { class: "knob", "aria-hidden": "true" }),
  );
  made.addEventListener("click", async () => {
    made.classList.add("turning");
    const answer = await post("/api/switch", { name, on: !on });
    made.classList.remove("turning");
    if (answer === null) return;
    state.panel.switches = answer.switches;
    draw();
  });
  return made;
}

// What is shown only when it is wanted, and stays so when the section is drawn anew.
function folded(name, summary, content, more = {}) {
  const made = el(
    "details",
    { class: "folded", open: opened.has(name), ...more },
    el("summary", { data: { control: `fold ${name}` } }, summary),
    content,
  );
  made.addEventListener("toggle", () => (made.open ? opened.add(name) : opened.delete(name)));
  return made;
}

// --- what was asked

function asked({ providers, credits }) {
  return [title("askedTitle"), meter(credits), ...providers.map(provider)];
}

function meter({ used, monthly }) {
  const spent = word("creditsUsed", { n: number(used) });
  const limit = monthly === null ? word("unlimited") : word("ofMonth", { n: number(monthly) });
  const share = monthly ? Math.min(1, used / monthly) : 0;
  const bar = el("span", { class: share >= 1 ? "bar full" : "bar", "aria-hidden": "true" }, el("span"));
  bar.firstChild.style.width = `${share * 100}%`;
  return el("div", { class: "meter" }, el("p", {}, el("b", {}, spent), " ", el("span", {}, limit)), monthly === null ? null : bar);
}

function provider({ name, per_minute: perMinute, latest }) {
  const rate = el("span", { class: "rate" }, word("perMinute", { n: number(perMinute) }));
  const requests = latest.length
    ? el("ol", { class: "requests", "aria-label": word("requests") }, latest.map(request))
    : el("p", { class: "hint" }, word("notAsked"));
  const summary = [el("b", {}, name), latest.length ? mark(latest[0].status) : null, rate];
  return folded(name, summary, requests, { data: { provider: name } });
}

function request(one) {
  return el(
    "li",
    {},
    el("time", {}, seconds(one.at)),
    el("span", { class: "what", title: one.what }, one.what),
    one.cost ? el("span", { class: "cost" }, word("cu", { n: number(one.cost) })) : null,
    mark(one.status),
  );
}

function mark(status) {
  if (!status) return el("span", { class: "code bad" }, word("unheard"));
  return el("span", { class: status < 300 ? "code good" : status === 429 ? "code warn" : "code bad" }, String(status));
}
