// j and k go down and up the rows of a list marked data-rows: the focus goes to the row's link, so that Enter opens
// it, a reader of the screen hears it, and the stylesheet marks its row.
import { onKey } from "./keys.js";

const STEPS = { j: 1, k: -1 };

onKey((key) => {
  const step = STEPS[key];
  const links = [...document.querySelectorAll("[data-rows] tr")].map((row) => row.querySelector("a")).filter(Boolean);
  if (!step || !links.length) return false;
  const row = document.activeElement.closest("[data-rows] tr");
  const at = links.findIndex((link) => row?.contains(link));
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next].focus();
  return true;
});
