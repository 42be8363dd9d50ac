// Who is signed in: every page with this script says so in its header, and links to signing out.

import { element } from "./elements.js";
import { onLanguage, text } from "./texts.js";

const PATH = "/session";

/** Return {actor, asks_token}; `actor` is null where nobody has come in. */
export async function fetchSession() {
  return (await fetch(PATH)).json();
}

/** Return the answer to a token: 200 with a cookie, 401 where it is wrong, 429 with a wait. */
export function signIn(token) {
  const headers = { "content-type": "application/json" };
  return fetch(PATH, { method: "POST", headers, body: JSON.stringify({ token }) });
}

/** Forget the cookie, and go where one signs in. */
export async function signOut() {
  await fetch(PATH, { method: "DELETE" });
  location.assign("/sign-in");
}

/** Say who is signed in; nothing where nobody has to be. */
export function sessionLine({ name, role }) {
  return text("sign_in.as", { name, role: text(`role.${role}`) });
}

async function showSession(header) {
  const { actor } = await fetchSession();
  if (!actor?.name) return;
  const who = element("a", { class: "quiet", id: "session", href: "/sign-in" }, actor.name);
  header.querySelector(".language")?.before(who);
  onLanguage(() => who.setAttribute("aria-label", sessionLine(actor)));
}

// The sign-in page says the same in its own words; a server that is away is told by the page.
const header = document.querySelector("header.top[data-session]");
if (header) showSession(header).catch(console.info);
