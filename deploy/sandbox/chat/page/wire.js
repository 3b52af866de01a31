// The way to the sandbox: orders as JSON, news as a stream of events.

import { note } from "/notes.js";
import { refusal, word } from "/words.js";

// The answer of an order; null after a refusal, which is told in the language of the page.
export async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return await answer.json();
    note(refusal(answer.headers.get("Refusal")));
  } catch {
    note(word("offline"));
  }
  return null;
}

// Calls `hearers[name](facts)` for each piece of news; `online(whether)` when the line comes or goes. A page that
// nobody sees hears nothing: a browser has only six lines to one place, and each open stream takes one.
export function listen(hearers, online) {
  let source = null;
  const hearAgain = () => {
    source?.close();
    source = document.hidden ? null : open(hearers, online);
  };
  document.addEventListener("visibilitychange", hearAgain);
  hearAgain();
}

function open(hearers, online) {
  const source = new EventSource("/events");
  for (const [name, hear] of Object.entries(hearers)) {
    source.addEventListener(name, (event) => hear(JSON.parse(event.data)));
  }
  source.onopen = () => online(true);
  source.onerror = () => online(false);
  return source;
}
