"""A page on which one sees what happens as it happens, while there is no front end."""

from base64 import b64encode
from hashlib import sha256
from typing import Final

from fastapi import APIRouter, Response

SCRIPT: Final = """
const API = "/api/v1", shown = (id) => document.getElementById(id);
let token = "", me = "", last = null, talk = null, scopes = ["mine"];

async function ask(method, path, body) {
  const answer = await fetch(API + path, {
    method,
    headers: {"Content-Type": "application/json", ...(token && {Authorization: `Bearer ${token}`})},
    body: body && JSON.stringify(body),
  });
  const told = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

function row(list, id, text) {
  const found = document.querySelector(`#${list} [data-id="${id}"]`);
  const item = found || document.createElement("li");
  item.dataset.id = id;
  item.textContent = text;
  if (!found) shown(list).append(item);
  return item;
}

function showBooking(booking) {
  const item = row("bookings", booking.id, `${booking.starts_at} ${booking.status} `);
  item.dataset.status = booking.status;
  for (const step of ["confirm", "cancel"]) {
    const button = document.createElement("button");
    button.textContent = button.className = step;
    button.onclick = () => attempt(() => ask("POST", `/bookings/${booking.id}/${step}`, {}));
    item.append(button);
  }
}

function showMessage(message) {
  if (message.conversation_id !== talk) return;
  const who = message.sender_id === me ? "me" : "them";
  row("messages", message.id, `${who}: ${message.text ?? ""}`);
}

async function openTalk(id) {
  talk = id;
  shown("messages").replaceChildren();
  const {items} = await ask("GET", `/conversations/${id}/messages`);
  items.sort((a, b) => a.created_at < b.created_at ? -1 : 1).forEach(showMessage);
}

function showTalk(conversation) {
  const item = row("talks", conversation.id, "");
  const button = document.createElement("button");
  button.textContent = conversation.about?.title ?? conversation.id;
  button.onclick = () => attempt(() => openTalk(conversation.id));
  item.append(button);
}

async function fetchAll() {
  const list = async (path, show) => (await ask("GET", path)).items.forEach(show);
  await list("/conversations", showTalk);
  for (const scope of scopes) await list(`/bookings?scope=${scope}`, showBooking);
}

const hear = {
  booking: showBooking,
  reset: fetchAll,
  message: async (message) => {
    if (!document.querySelector(`#talks [data-id="${message.conversation_id}"]`)) {
      showTalk({id: message.conversation_id});
    }
    if (talk === null) await openTalk(message.conversation_id);
    showMessage(message);
  },
  notification: (told) => row("notifications", told.id, told.title ?? told.text ?? told.kind),
  typing: () => { shown("state").textContent = "somebody is typing"; },
};

async function connect() {
  const {ticket} = await ask("POST", "/realtime/ticket");
  if (last === null) await fetchAll();
  const resumed = last === null ? "" : `&last_event_id=${last}`;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(
    `${scheme}://${location.host}${API}/realtime?ticket=${ticket}${resumed}`);
  window.line = socket;
  socket.onopen = () => { shown("state").textContent = "connected"; };
  socket.onmessage = ({data}) => {
    const frame = JSON.parse(data);
    if (frame.id !== null) last = frame.id;
    const item = document.createElement("li");
    item.textContent = `${frame.type} ${JSON.stringify(frame.data)}`;
    shown("frames").prepend(item);
    if (hear[frame.type]) attempt(() => hear[frame.type](frame.data));
  };
  socket.onclose = ({code}) => {
    shown("state").textContent = `closed (${code})`;
    if (code !== 1008) setTimeout(() => attempt(connect), 500);
  };
}

async function attempt(act) {
  try { await act(); shown("wrong").textContent = ""; }
  catch (error) { shown("wrong").textContent = error.message; }
}

shown("in").onsubmit = (event) => {
  event.preventDefault();
  attempt(async () => {
    const given = Object.fromEntries(new FormData(event.target));
    token = (await ask("POST", "/auth/login", given)).access_token;
    const profile = await ask("GET", "/profile");
    me = profile.id;
    scopes = profile.provider_id ? ["mine", "provider"] : ["mine"];
    last = null;
    await connect();
  });
};
shown("say").onsubmit = (event) => {
  event.preventDefault();
  const text = event.target.elements.text.value;
  const client_id = crypto.randomUUID?.() ?? String(Math.random());
  attempt(() => ask("POST", `/conversations/${talk}/messages`, {text, client_id}));
  event.target.reset();
};
shown("say").oninput = () => {
  if (talk) window.line.send(JSON.stringify({type: "typing", data: {conversation_id: talk}}));
};
"""
DIGEST: Final = b64encode(sha256(SCRIPT.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; script-src 'sha256-{DIGEST}'; style-src 'unsafe-inline';"
    " connect-src 'self'; form-action 'none'; frame-ancestors 'none'"
)
PAGE: Final = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>As it happens</title>
<style>
body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}
main{{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:1rem}}
input,button{{font:inherit;padding:.3rem .6rem}}#frames{{font:12px monospace}}
ul{{list-style:none;padding:0}}li{{margin:.3rem 0;overflow-wrap:anywhere}}
</style>
<h1>As it happens</h1>
<form id="in"><input name="email" type="email" placeholder="e-mail" aria-label="e-mail" required>
<input name="password" type="password" placeholder="password" aria-label="password" required>
<button>Sign in</button></form>
<p><output id="state">signed out</output> <output id="wrong"></output></p>
<main><section><h2>Bookings</h2><ul id="bookings"></ul></section>
<section><h2>Conversations</h2><ul id="talks"></ul><ul id="messages"></ul>
<form id="say"><input name="text" aria-label="message" autocomplete="off" required>
<button>Send</button></form></section>
<section><h2>Notifications</h2><ul id="notifications"></ul></section>
<section><h2>Frames</h2><ul id="frames"></ul></section></main>
<script>{SCRIPT}</script></html>"""

router = APIRouter(prefix="/dev", include_in_schema=False)


@router.get("/realtime")
async def show_realtime() -> Response:
    """Sign in here with a demo account, in two windows, and see what the other one does."""
    return Response(PAGE, headers={"Content-Security-Policy": POLICY}, media_type="text/html")
