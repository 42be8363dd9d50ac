// The sign-in page: a token goes in, a cookie that no script can read comes back.

import { byId } from "./elements.js";
import { fetchSession, sessionLine, signIn, signOut } from "./session.js";
import { onLanguage, startTexts, switchLanguage, text } from "./texts.js";

await startTexts();
byId("language").addEventListener("change", (event) => switchLanguage(event.target.value));
onLanguage((language) => (byId("language").value = language));

let tellFault = () => "";
onLanguage(() => (byId("fault").textContent = tellFault()));
byId("sign-in").addEventListener("submit", submit);
byId("leave").addEventListener("click", signOut);
byId("go-on").href = nextAddress();
await start();
document.documentElement.dataset.ready = ""; // whoever drives the page from outside may begin

async function start() {
  // What stands after the # of an address is sent to no server, and written into no log.
  const carried = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  const session = await fetchSession().catch(() => null);
  if (!session?.actor) await (carried ? enter(carried) : showForm());
  // The browser holds the cookie back when another site's link leads here; this page's own it sends.
  else if (isLedHere()) location.replace(nextAddress());
  else showActor(session.actor);
}

async function submit(event) {
  event.preventDefault();
  await enter(byId("token").value.trim());
}

async function enter(token) {
  byId("enter").disabled = true;
  const answer = await signIn(token).catch(() => null);
  byId("enter").disabled = false;
  if (answer?.ok) location.replace(nextAddress());
  else refuse(answer);
}

function refuse(answer) {
  const seconds = answer?.headers.get("retry-after");
  if (!answer || answer.status >= 500) tellFault = () => text("sign_in.away");
  else if (seconds) tellFault = () => text("sign_in.wait", { seconds });
  else tellFault = () => text("sign_in.wrong");
  showForm();
  byId("fault").textContent = tellFault();
  byId("token").setAttribute("aria-invalid", "true");
  byId("token").select();
}

function showForm() {
  byId("sign-in").hidden = false;
  byId("token").focus();
}

function showActor(actor) {
  onLanguage(() => {
    byId("who").textContent = actor.name ? sessionLine(actor) : text("sign_in.not_needed");
  });
  byId("title").dataset.text = "sign_in.inside"; // from now on, in either language
  byId("title").textContent = text("sign_in.inside");
  byId("leave").hidden = !actor.name;
  byId("signed-in").hidden = false;
  byId("title").focus();
}

function isLedHere() {
  return new URLSearchParams(location.search).has("next");
}

/** Return where the person was going, as long as that is on this server. */
function nextAddress() {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/";
  try {
    const address = new URL(wanted, location.origin);
    return address.origin === location.origin ? address.href : "/";
  } catch {
    return "/";
  }
}
