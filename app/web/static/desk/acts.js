// A key does what the thing that is marked with it does: data-key="c" on a button presses it, on a link follows it,
// on a field goes there, on a fold opens it and goes to its first field. What a page does not offer has no key there.
import { onKey } from "./keys.js";

const FIELDS = "input:not([type=hidden]), select, textarea";

function unfold(summary) {
  summary.parentElement.open = true;
  const field = summary.parentElement.querySelector(FIELDS) ?? summary;
  field.focus();
  field.scrollIntoView({ block: "nearest" });
}

function go(field) {
  field.focus();
  field.select();
}

function act(marked) {
  if (marked.matches("summary")) unfold(marked);
  else if (marked.matches("input")) go(marked);
  else marked.click();
}

onKey((key) => {
  const marked = document.querySelector(`[data-key="${CSS.escape(key)}"]:not([hidden])`);
  if (marked) act(marked);
  return Boolean(marked);
});
