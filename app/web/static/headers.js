// Looks at what was pasted into a field and says beside it whether the headers are there. Nothing leaves the page.

const LOOKED_AT = 200_000; // characters; headers come first
const NEEDED = ["From", "Received", "Message-ID"];
const SIGNATURE = "DKIM-Signature";

function has(text, header) {
  return new RegExp(`^[> ]*${header}:`, "im").test(text);
}

function listed(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function judged(text) {
  if (!text.trim()) return "";
  const lacking = NEEDED.filter((header) => !has(text, header));
  if (lacking.length === NEEDED.length) return "No headers are here. How to get them stands above. You can still send it.";
  if (lacking.length) {
    return `Only part of the headers is here. What lacks: ${listed(lacking)}. How to get all of them stands above. You can still send it.`;
  }
  if (!has(text, SIGNATURE)) return `The headers are here. Only a ${SIGNATURE} is not among them; some mail has none.`;
  return "The full headers are here.";
}

for (const place of document.querySelectorAll("[data-headers-of]")) {
  const field = document.getElementById(place.dataset.headersOf);
  const tell = () => {
    const said = judged(field.value.slice(0, LOOKED_AT));
    if (place.textContent !== said) place.textContent = said;
  };
  field.addEventListener("input", tell);
  addEventListener("pageshow", tell); // also what the browser kept or the server gave back
}
