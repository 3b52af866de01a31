// What the page knows: who there is, what was said, who you are, which chat is open, what you have read.

export const state = {
  bot: null,
  people: [],
  chats: new Map(),
  messages: new Map(), // chat id -> Map of message id -> message, oldest first
  me: null,
  open: null,
  waiting: new Map(), // query id -> the key of the button that waits for its answer
  panel: null,
};

export function takePlaces(facts) {
  state.bot = facts.bot;
  state.people = facts.people;
  state.chats = new Map(facts.chats.map((chat) => [chat.id, chat]));
  const kept = Number(localStorage.getItem("me"));
  state.me = state.people.find((one) => one.id === (state.me?.id ?? kept)) ?? state.people[0] ?? null;
  if (state.open !== null && !state.chats.has(state.open)) state.open = null;
}

export function takeMessages({ changed, gone, all }) {
  if (all) state.messages.clear();
  for (const message of changed) {
    const before = state.messages.get(message.chat) ?? new Map();
    const late = !before.has(message.id) && message.id < ([...before.keys()].at(-1) ?? 0);
    before.set(message.id, message);
    // an old message that was just edited takes its old place
    state.messages.set(message.chat, late ? new Map([...before].sort(([a], [b]) => a - b)) : before);
  }
  for (const [chat, id] of gone) state.messages.get(chat)?.delete(id);
}

export function messagesOf(chat) {
  return [...(state.messages.get(chat)?.values() ?? [])];
}

// The chats that a person sees, the one with the latest message that rang first.
export function chatsOf(person) {
  const mine = [...state.chats.values()].filter((chat) => chat.members.includes(person.id) && !chat.gone);
  return mine.sort((a, b) => rang(b.id) - rang(a.id) || a.id - b.id);
}

function rang(chat) {
  const loud = messagesOf(chat).filter((message) => !message.silent);
  return loud.length ? loud[loud.length - 1].id : 0;
}

export function titleOf(chat) {
  return chat.kind === "private" ? state.bot.name : chat.title;
}

export function isMine(message) {
  const channel = state.chats.get(message.chat)?.kind === "channel";
  return message.from.id === state.me?.id && !channel && !message.service;
}

// --- what was read, per person and chat

const marks = new Map();

function markName(person, chat) {
  return `read:${person}:${chat}`;
}

function mark(person, chat) {
  const name = markName(person, chat);
  const kept = marks.get(name) ?? Number(sessionStorage.getItem(name) ?? 0);
  const last = Math.max(0, ...(state.messages.get(chat)?.keys() ?? []));
  return kept > last ? 0 : kept; // a new sandbox counts anew
}

export function markRead(person, chat) {
  const last = Math.max(0, ...(state.messages.get(chat)?.keys() ?? []));
  const name = markName(person, chat);
  marks.set(name, last);
  sessionStorage.setItem(name, String(last));
}

export function unread(person, chat) {
  const since = mark(person, chat);
  return messagesOf(chat).filter((one) => one.id > since && one.from.id !== person && !one.service);
}
