// Says beside the heading of the queue how many cases came or changed since the page was made. Nothing moves: whoever
// wants to see them follows the link. It rests while the page is not looked at, and ends where it is refused.

const SECONDS = 30;
const place = document.querySelector("[data-news]");

function say(found) {
  if (!found) return;
  const link = document.createElement("a");
  link.href = location.pathname + location.search;
  link.textContent = found === 1 ? "1 new or changed" : `${found.toLocaleString("en")} new or changed`;
  if (place.textContent !== link.textContent) place.replaceChildren(link);
}

async function ask() {
  if (document.hidden) return true;
  try {
    const answer = await fetch(place.dataset.news, { redirect: "manual" });
    if (answer.ok) say((await answer.json()).changed);
    return answer.ok || answer.status >= 500;
  } catch {
    return true; // offline for now
  }
}

async function keepAsking() {
  if (await ask()) setTimeout(keepAsking, SECONDS * 1000);
}

if (place) setTimeout(keepAsking, SECONDS * 1000);
