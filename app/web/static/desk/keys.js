// Single keys as commands. They never fire while somebody types, with a modifier, over an open dialog, or once the
// reader has switched them off (WCAG 2.1.4); "g" waits for a second key and makes a pair of it: "g q".

const CHOICE = "abusedesk-keys";
const PAIR_MS = 1500;
const REPEATING = new Set(["j", "k"]);
const listeners = [];
let first = 0;

export function areOn() {
  try { return localStorage.getItem(CHOICE) !== "off"; } catch { return true; }
}

export function choose(on) {
  try { localStorage.setItem(CHOICE, on ? "on" : "off"); } catch { /* private window: they stay on */ }
}

// listen: given the key, or the pair, it says whether it did something.
export function onKey(listen) {
  listeners.push(listen);
}

function isCommand(event) {
  const held = event.ctrlKey || event.altKey || event.metaKey;
  const typing = event.isComposing || event.target.closest?.("input, textarea, select, [contenteditable]");
  return !held && !typing && !event.defaultPrevented && !document.querySelector("dialog[open]") && areOn();
}

function named(key) {
  const isPair = first && Date.now() - first < PAIR_MS;
  first = 0;
  if (isPair) return `g ${key}`;
  if (key === "g") first = Date.now();
  return key;
}

addEventListener("keydown", (event) => {
  if (event.key === "Shift") return; // on the way to "?"
  if (!isCommand(event) || (event.repeat && !REPEATING.has(event.key))) return;
  const key = named(event.key);
  if (listeners.some((listen) => listen(key))) event.preventDefault();
});
