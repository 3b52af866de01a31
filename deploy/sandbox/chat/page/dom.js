// Elements without markup: what comes from outside is only ever text.

const SVG = "http://www.w3.org/2000/svg";
const SAFE = new Set(["http:", "https:", "tg:"]);

// An element with its class, attributes, listeners (`onclick`) and children; children that are null are left out.
export function el(name, facts = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(facts)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "class") made.className = value;
    else if (key === "data") Object.assign(made.dataset, value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

const PATHS = {
  back: "M15 5l-7 7 7 7",
  send: "M4 12L20 4l-5 16-3.5-6.5z M11.5 13.5L20 4",
  menu: "M4 7h16M4 12h16M4 17h10",
  down: "M6 9l6 6 6-6",
  upgrade: "M6 12l6-6 6 6M6 18l6-6 6 6",
  panel: "M4 6h9M17 6h3M4 12h3M11 12h9M4 18h9M17 18h3M15 4v4M9 10v4M15 16v4",
  sun: "M12 4V2M12 22v-2M4 12H2M22 12h-2M6 6L4.5 4.5M19.5 19.5L18 18M6 18l-1.5 1.5M19.5 4.5L18 6M12 8a4 4 0 100 8 4 4 0 000-8z",
  moon: "M20 14.5A8.5 8.5 0 119.5 4a7 7 0 0010.5 10.5z",
  auto: "M12 3.500a8.500 8.500 0 100 17 8.500 8.500 0 000-17zM12 3.500v17M14.500 4v16M17 5.300v13.400M19.300 8v8",
  out: "M8 16L16 8M9 8h7v7",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  inline: "M4 12h12M11 7l5 5-5 5M20 5v14",
  quiet: "M6 17h12l-1.5-2.5V10a4.5 4.5 0 00-9 0v4.5zM10.5 20h3M4 4l16 16",
  group: "M9 11a3 3 0 100-6 3 3 0 000 6zM3 19c0-3 2.5-5 6-5s6 2 6 5M16 11a2.5 2.5 0 100-5M17 14c2.5.3 4 2 4 4.500",
  channel: "M4 10v4h3l8 4V6l-8 4zM18.500 9.500a4 4 0 010 5",
  close: "M6 6l12 12M18 6L6 18",
  chevron: "M9 6l6 6-6 6",
  sent: "M3 12.500l4.500 4.500L17 7.500M11.500 16.500l.500.500L21.500 7.500",
};

// A line drawing in the colour of the text around it; for the eye only.
export function icon(name) {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  drawn.append(path);
  return drawn;
}

// The address, if a browser may go there; else null.
export function safe(address) {
  try {
    const parsed = new URL(address.includes("://") ? address : `http://${address}`);
    return SAFE.has(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

// A link that opens elsewhere and tells nothing of this page; plain text where the address is not to be trusted.
export function link(address, facts, ...children) {
  const href = safe(address);
  if (href === null) return el("span", facts, ...children);
  return el("a", { ...facts, href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

// Make the children of a parent these. What stays is not touched: a move would end its focus, selection and clicks.
export function reconcile(parent, children) {
  const wanted = children.filter(Boolean);
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const stays = new Set(wanted);
  for (const node of [...parent.childNodes]) if (!stays.has(node)) node.remove();
  wanted.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
  if (focused?.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
}

// Remembers elements: `kept(name, facts, draw)` gives the one of that name, drawn anew only when its facts differ.
export function keeper() {
  const drawn = new Map();
  return (name, facts, draw) => {
    const key = JSON.stringify(facts);
    const before = drawn.get(name);
    if (before?.key === key) return before.node;
    const node = draw();
    if (before?.node.contains(document.activeElement)) queueMicrotask(() => node.focus({ preventScroll: true }));
    drawn.set(name, { key, node });
    return node;
  };
}

// A round picture of initials, in one of seven colours.
export function face(title, id, kind) {
  const letters = [...title.matchAll(/[\p{L}\p{N}]+/gu)].slice(0, 2).map((word) => [...word[0]][0]);
  const made = el("span", { class: "face", "aria-hidden": "true", data: { colour: String(Math.abs(id) % 7) } });
  if (kind === "bot") made.classList.add("face-bot");
  else made.textContent = letters.join("").toLocaleUpperCase() || "?";
  return made;
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
