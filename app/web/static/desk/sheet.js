// The sheet that lists the keys, the button that shows it, and the switch in it. All three need script, so the button
// is hidden until here.
import { areOn, choose } from "./keys.js";

const sheet = document.querySelector("dialog.keys");
const opener = document.querySelector("[data-opens-keys]");
const toggle = document.querySelector("[data-keys-switch]");

function tell() {
  toggle.textContent = areOn() ? "Switch single keys off" : "Switch single keys on";
  sheet.querySelector("[data-keys-state]").textContent = areOn()
    ? "Single keys are on. They rest while you type."
    : "Single keys are off on this device.";
}

if (sheet && opener && toggle) {
  opener.hidden = false;
  opener.addEventListener("click", () => { tell(); sheet.showModal(); });
  toggle.addEventListener("click", () => { choose(!areOn()); tell(); });
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); }); // beside it
}
