// The conversation about a case, live. Every page works without this file: a message is sent by its form, a reload shows what is new.
"use strict";

document.querySelectorAll("[data-talk]").forEach((box) => {
  const { talk, live } = box.dataset;
  const list = box.querySelector("[data-messages]"), form = box.querySelector("[data-say]"), present = box.querySelector("[data-present]");
  const beside = document.querySelector("[data-beside]");
  const KEPT = "goodstanding:draft:unsent:" + talk;
  const ASK_EVERY = 10000, TRY_EVERY = 4000;

  // A store that refuses (private mode, full) keeps the message in its box instead.
  const kept = () => { try { return JSON.parse(localStorage.getItem(KEPT) || "null"); } catch { return null; } };
  const keep = (message) => { try { localStorage.setItem(KEPT, JSON.stringify(message)); return true; } catch { return false; } };
  const forget = () => { try { localStorage.removeItem(KEPT); } catch { /* nothing was kept */ } };

  const ask = (options = {}) => fetch(talk, { ...options, headers: { "X-Requested-With": "fetch" }, cache: "no-store" });
  const show = (html) => {
    const near = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    list.innerHTML = html;
    if (near) list.scrollTop = list.scrollHeight;
  };

  // Only what is looked at counts as read, so a page in the background asks when it comes to the front.
  let missed = false;
  const look = async () => {
    if (document.visibilityState !== "visible") { missed = true; return; }
    missed = false;
    const answer = await ask().catch(() => null);
    if (answer && answer.ok) show(await answer.text());
  };
  document.addEventListener("visibilitychange", () => { if (missed) look(); });

  let timer = 0;
  const askBySelf = () => { if (!timer) timer = setInterval(look, ASK_EVERY); };
  if (live && window.EventSource) {
    const stream = new EventSource(live, { withCredentials: new URL(live, location.href).origin !== location.origin });
    stream.addEventListener("message", (event) => { if (event.data !== undefined) { look(); } });
    stream.addEventListener("present", (event) => {
      const said = JSON.parse(event.data);
      if (present && typeof said === "boolean") present.hidden = !said;
      if (beside && Array.isArray(said)) {
        beside.hidden = !said.length;
        beside.querySelector("[data-names]").textContent = said.join(", ");
      }
    });
    // The browser comes again by itself after a broken line; where it gave up, the page asks by itself.
    stream.addEventListener("open", () => { clearInterval(timer); timer = 0; });
    stream.addEventListener("error", () => { askBySelf(); });
  } else askBySelf();

  if (!form) return;
  const text = form.elements.text, unsent = form.querySelector("[data-unsent]"), refused = form.querySelector("[data-refused]");
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  let trying = false;

  // A message keeps its key until the server has taken it, so a line that dies after it was taken sends it no second time.
  const send = async () => {
    const message = kept();
    if (!message || trying) return;
    trying = true;
    const data = new FormData(form);
    data.set("key", message.key);
    data.set("text", message.text);
    const answer = await ask({ method: "POST", body: data }).catch(() => null);
    trying = false;
    if (!answer || answer.status >= 500) { unsent.hidden = false; setTimeout(send, TRY_EVERY); return; }
    unsent.hidden = true;
    forget();
    if (answer.ok) show(await answer.text());
    else {
      const said = await answer.json().catch(() => ({}));
      refused.textContent = said.error || answer.status;
      refused.hidden = false;
      text.value = text.value || message.text;
    }
  };
  form.addEventListener("submit", (event) => {
    if (!text.value.trim()) return;
    const waiting = kept();
    if (waiting) { event.preventDefault(); send(); return; }
    if (!keep({ key: form.elements.key.value, text: text.value })) return;
    event.preventDefault();
    refused.hidden = true;
    text.value = "";
    form.elements.key.value = fresh();
    send();
  });
  window.addEventListener("online", send);
  send();
});
