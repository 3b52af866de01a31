// The panel: how the program is, what the market does, what is broken, what each provider was asked. What can be
// pressed there stays the same element, also while the facts around it change every second.

import { el, icon, keeper, reconcile } from "/dom.js";
import { note } from "/notes.js";
import { state } from "/state.js";
import { post } from "/wire.js";
import { ago, number, word } from "/words.js";

const $ = (id) => document.getElementById(id);
const FIRST = new Set(["feed", "credits", "telegram", "database", "program"]);
const MOVES = { pump: ["good", "pumped"], rug: ["bad", "rugged"], revive: ["good", "revived"] };
const SLOTS = 64; // more than the requests that are shown at a time
const kept = keeper();
let vitals = {}; // the parts of the program when it was last heard of
let token = "";

export function draw() {
  if (!state.panel) return;
  const { tokens, switches, providers, credits } = state.panel;
  part("health", health(state.online === false ? { status: "away" } : state.panel.health));
  part("market", market(tokens));
  part("faults", faults(switches));
  part("asked", [title("askedTitle"), meter(credits), ...providers.map(provider)]);
  reconcile($("panel"), ["health", "market", "faults", "asked"].map((name) => part(name)));
}

// A section; with children it gets these.
function part(name, children) {
  const node = kept(`part ${name}`, [], () => el("section", { class: `part part-${name}`, data: { part: name } }));
  if (children) reconcile(node, children);
  return node;
}

// What depends on these facts and on the language.
function told(name, facts, draw) {
  return kept(name, [facts, state.me?.language], draw);
}

function title(name) {
  return told(name, [], () => el("h2", { class: "part-title" }, word(name)));
}

// --- the program's health

function health(facts) {
  const status = facts.status ?? "away";
  if (status !== "away") vitals = facts.parts ?? {};
  const parts = Object.entries(vitals).map(([name, one]) => vital(name, one, status === "away" ? "away" : one.state));
  const broken = Object.values(vitals).find((one) => one.state === "failing" && one.last_error);
  const killed = state.online !== false && state.panel.switches.program;
  const absent = word(killed ? "killed" : "awayMore");
  const why = status === "away" ? absent : (broken?.last_error ?? word("nothingWrong"));
  // this line is always there: the switches below must not move under the mouse
  const line = () => el("p", { class: broken || status === "away" ? "why" : "why fine", title: why }, why);
  return [heading(status), el("ul", { class: "vitals" }, parts), told("why", [why, status, Boolean(broken)], line)];
}

function heading(status) {
  const shown = () => el("span", { class: `status ${status}`, data: { status } }, stateWord(status));
  return told("health", status, () => el("h2", { class: "part-title" }, el("span", {}, word("healthTitle")), shown()));
}

function vital(name, one, now) {
  const age = one.age_seconds === null ? "" : word("healthAge", { age: ago(one.age_seconds) });
  return el(
    "li",
    { class: "vital", title: [one.last_error, age].filter(Boolean).join(" · ") || null },
    el("span", { class: `dot ${now}`, "aria-hidden": "true" }),
    el("span", { class: "vital-name" }, name),
    el("span", { class: now === "ok" || now === "away" ? "vital-state unseen" : "vital-state" }, stateWord(now)),
  );
}

function stateWord(name) {
  return word(name === "ok" ? "ok_" : name);
}

// --- the market

function market(tokens) {
  if (!tokens.some((one) => one.mint === token)) token = tokens[0]?.mint ?? "";
  const migrate = key("migrate", "primary", () => act("migrate", "migrated"));
  const none = () => el("p", { class: "hint" }, word("noTokens"));
  if (!tokens.length) return [title("marketTitle"), migrate, told("noTokens", [], none)];
  const row = kept("moves", [], () => el("div", { class: "moves" }));
  const moves = Object.entries(MOVES).map(([name, [look, said]]) => key(name, look, () => act(name, said, token)));
  reconcile(row, moves);
  return [title("marketTitle"), migrate, chooser(tokens), row];
}

// The list of tokens; while somebody is choosing from it, it stays as it is.
function chooser(tokens) {
  const facts = { class: "select", "aria-label": word("token"), data: { control: "token" } };
  const made = told("chooser", [], () => el("select", facts));
  made.onchange = () => {
    token = made.value;
  };
  made.onblur = draw;
  if (document.activeElement === made && made.value) {
    token = made.value;
    return made;
  }
  reconcile(made, tokens.map(option));
  made.value = token;
  return made;
}

function option({ mint, symbol }) {
  return kept(`token ${mint}`, symbol, () => el("option", { value: mint }, `${shortly(symbol)} · ${mint.slice(0, 4)}`));
}

function shortly(symbol) {
  // characters that nobody sees could turn the words around
  const clean = symbol.replace(/[\p{Cf}\p{Cc}\p{Zl}\p{Zp}]/gu, " ").replace(/\s+/g, " ").trim();
  return [...clean].slice(0, 14).join("") || "–";
}

function key(name, look, onclick) {
  const facts = { type: "button", class: `act ${look}`, data: { control: name }, onclick };
  return told(name, [], () => el("button", facts, word(name)));
}

async function act(action, said, mint) {
  const answer = await post("/api/market", mint === undefined ? { action } : { action, mint });
  if (answer === null) return;
  token = answer.mint;
  note(word(said, { name: shortly(answer.symbol) }));
}

// --- faults

function faults(switches) {
  const all = Object.entries(switches);
  const first = all.filter(([name]) => FIRST.has(name));
  const more = all.filter(([name]) => !FIRST.has(name));
  const summary = [told("moreFaults", [], () => el("b", {}, word("moreFaults"))), count(more)];
  return [title("faultsTitle"), ...first.map(turn), folded("faults", summary, more.map(turn))];
}

// How many of these are on, if any.
function count(switches) {
  const on = switches.filter(([, on]) => on).length;
  return on ? told("on", on, () => el("span", { class: "code bad" }, number(on))) : null;
}

function turn([name, on]) {
  const made = told(`switch ${name}`, [], () =>
    el(
      "button",
      { type: "button", class: "switch", role: "switch", data: { control: name }, onclick: () => flip(name) },
      el("span", { class: "switch-words" }, el("b", {}, word(name)), el("small", {}, word(`${name}More`))),
      el("span", { class: "knob", "aria-hidden": "true" }),
    ),
  );
  made.setAttribute("aria-checked", String(on));
  return made;
}

async function flip(name) {
  const on = !state.panel.switches[name];
  const pressed = $("panel").querySelector(`[data-control="${name}"]`);
  pressed.classList.add("turning");
  const answer = await post("/api/switch", { name, on });
  pressed.classList.remove("turning");
  if (answer === null) return;
  state.panel.switches = answer.switches;
  if (name === "credits" && !on) note(word("creditsUndone"));
  draw();
}

// What is shown only when it is wanted.
function folded(name, summary, content, data = {}) {
  const open = name === "Birdeye";
  const mark = () => el("summary", { data: { control: `fold ${name}` } }, icon("chevron"), el("span", { class: "summary" }));
  const made = kept(`fold ${name}`, [], () => el("details", { class: "folded", open, data }, mark(), el("div", {})));
  reconcile(made.querySelector(".summary"), summary);
  reconcile(made.lastChild, content);
  return made;
}

// --- what was asked

function meter({ used, monthly }) {
  return told("meter", [used, monthly], () => {
    const spent = word("creditsUsed", { n: number(used) });
    const limit = monthly === null ? word("unlimited") : word("ofMonth", { n: number(monthly) });
    const share = monthly ? Math.min(1, used / monthly) : 0;
    const bar = el("span", { class: share >= 1 ? "bar full" : "bar", "aria-hidden": "true" }, el("span"));
    bar.firstChild.style.width = `${share * 100}%`;
    return el("div", { class: "meter" }, el("p", {}, el("b", {}, spent), " ", el("span", {}, limit)), monthly === null ? null : bar);
  });
}

function provider({ name, per_minute: perMinute, latest }) {
  const rate = told(`rate ${name}`, perMinute, () => el("span", { class: "rate" }, word("perMinute", { n: number(perMinute) })));
  const status = latest[0]?.status;
  const last = latest.length ? kept(`last ${name}`, status, () => mark(status)) : null;
  const summary = [kept(`name ${name}`, [], () => el("b", {}, name)), last, rate];
  const hint = () => told(`hint ${name}`, [], () => el("p", { class: "hint" }, word("notAsked")));
  return folded(name, summary, [latest.length ? requests(name, latest) : hint()], { provider: name });
}

function requests(name, latest) {
  const made = told(`requests ${name}`, [], () => el("ol", { class: "requests", "aria-label": word("requests") }));
  reconcile(made, latest.map((one) => request(name, one)));
  return made;
}

function request(name, one) {
  const made = told(`request ${name} ${one.number % SLOTS}`, one, () =>
    el(
      "li",
      {},
      el("time", {}),
      el("span", { class: "what", title: one.what }, one.what),
      one.cost ? el("span", { class: "cost" }, word("cu", { n: number(one.cost) })) : null,
      mark(one.status),
    ),
  );
  made.firstChild.textContent = ago(Date.now() / 1000 - one.at);
  return made;
}

function mark(status) {
  if (status === null) return el("span", { class: "code" }, "…"); // it is not answered yet
  if (!status) return el("span", { class: "code bad" }, word("unheard"));
  return el("span", { class: status < 300 ? "code good" : status === 429 ? "code warn" : "code bad" }, String(status));
}
