// What the page knows: who there is, what was said, who you are, which chat is open, what you have read.

export const state = {
  bot: null,
  people: [],
  chats: new Map(),
  messages: new Map(), // chat id -> Map of message id -> message, oldest first
  me: null,
  open: null,
  panel: null,
  online: null, // whether the sandbox is heard; null before it is first known
};

export function takePlaces(facts) {
  state.bot = facts.bot;
  state.people = facts.people;
  state.chats = new Map(facts.chats.map((chat) => [chat.id, chat]));
  const kept = Number(sessionStorage.getItem("me")); // each tab of the browser can be somebody else
  state.me = state.people.find((one) => one.id === (state.me?.id ?? kept)) ?? state.people[0] ?? null;
  state.open = facts.chats.find((chat) => chat.was !== null && chat.was === state.open)?.id ?? state.open;
  if (state.open !== null && !state.chats.has(state.open)) state.open = null;
}

export function takeMessages({ changed, gone, all }) {
  const known = all ? new Map(state.messages) : state.messages;
  if (all) state.messages.clear();
  for (const told of changed) {
    const message = same(known.get(told.chat)?.get(told.id), told);
    const before = state.messages.get(message.chat) ?? new Map();
    const late = !before.has(message.id) && message.id < ([...before.keys()].at(-1) ?? 0);
    before.set(message.id, message);
    // an old message that was just edited takes its old place
    state.messages.set(message.chat, late ? new Map([...before].sort(([a], [b]) => a - b)) : before);
  }
  for (const [chat, id] of gone) state.messages.get(chat)?.delete(id);
}

// What is told once more stays the message that is known, so that nothing is drawn anew for it.
function same(before, told) {
  return before?.version === told.version && JSON.stringify(before) === JSON.stringify(told) ? before : told;
}

export function messageOf(chat, id) {
  return state.messages.get(chat)?.get(id);
}

// A supergroup begins with what was said in the group that it was.
export function messagesOf(chat) {
  const ids = [...new Set([firstIdOf(chat), chat])];
  return ids.flatMap((id) => [...(state.messages.get(id)?.values() ?? [])]);
}

// What a chat is known by, whatever it becomes: a group that is upgraded gets another id.
export function firstIdOf(chat) {
  return state.chats.get(chat)?.was ?? chat;
}

// The chats that a person sees, the one with the latest message that rang first.
export function chatsOf(person) {
  const mine = [...state.chats.values()].filter((chat) => chat.members.includes(person.id) && !chat.gone);
  return mine.sort((a, b) => rang(b.id) - rang(a.id) || a.id - b.id);
}

function rang(chat) {
  return messagesOf(chat).findLast((message) => !message.silent)?.id ?? 0;
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
  return `read:${person}:${firstIdOf(chat)}`;
}

// The last message that the person has read there.
export function mark(person, chat) {
  const name = markName(person, chat);
  const kept = marks.get(name) ?? Number(sessionStorage.getItem(name) ?? 0);
  return kept > newest(chat) ? 0 : kept; // a new sandbox counts anew
}

function newest(chat) {
  return messagesOf(chat).at(-1)?.id ?? 0;
}

export function markRead(person, chat) {
  const name = markName(person, chat);
  marks.set(name, newest(chat));
  sessionStorage.setItem(name, String(newest(chat)));
}

export function unread(person, chat) {
  const since = mark(person, chat);
  return messagesOf(chat).filter((one) => one.id > since && one.from.id !== person && !one.service);
}
