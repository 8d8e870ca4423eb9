// Keeps what is typed: on this device at once, on the server at each pause. Every page works without this file ("Save draft").
"use strict";

(() => {
  const OURS = "goodstanding:draft:";
  const PAUSE = 1200;
  const KEPT_DAYS = 30;

  // A store that refuses (private mode, full) makes these comforts fail quietly; the warning before leaving then stays.
  const read = (key) => { try { return JSON.parse(localStorage.getItem(OURS + key)); } catch { return null; } };
  const write = (key, entry) => { try { localStorage.setItem(OURS + key, JSON.stringify(entry)); return true; } catch { return false; } };
  const remove = (key) => { try { localStorage.removeItem(OURS + key); } catch { /* nothing was kept */ } };
  const keys = () => { try { return Object.keys(localStorage).filter((key) => key.startsWith(OURS)).map((key) => key.slice(OURS.length)); } catch { return []; } };

  const device = () => {
    try {
      const name = localStorage.getItem("goodstanding:device") || Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
      localStorage.setItem("goodstanding:device", name);
      return name;
    } catch { return ""; }
  };

  const plain = (text) => (text || "").replaceAll("\r\n", "\n").trim();
  const same = (one, other) => [...new Set([...Object.keys(one), ...Object.keys(other)])].every((name) => plain(one[name]) === plain(other[name]));

  // Nothing stays on a device for ever.
  keys().forEach((key) => { const entry = read(key); if (!entry || Date.now() - entry.at > KEPT_DAYS * 86400000) remove(key); });

  // What was sent goes; what was not can be gone on with.
  document.querySelectorAll("[data-draft-scope]").forEach((mark) => {
    keys().filter((key) => key.startsWith(mark.dataset.draftScope)).forEach((key) => {
      const entry = read(key);
      if (key !== mark.dataset.draftOpen) remove(key);
      else if (!entry.saved && Object.values(entry.texts).some((text) => text.trim())) mark.hidden = false;
    });
  });

  // Whoever leaves a shared telephone leaves nothing on it.
  document.querySelectorAll("form[data-forgets]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      const unsaved = keys().some((key) => !(read(key) || {}).saved);
      if (unsaved && !confirm(form.dataset.forgets)) { event.preventDefault(); return; }
      keys().forEach(remove);
    });
  });

  document.querySelectorAll("form[data-draft]").forEach((form) => {
    const key = form.dataset.draft, address = form.dataset.draftAddress;
    const fields = Array.from(form.querySelectorAll("textarea, input[type=text], input[type=date]")).filter((field) => field.name);
    const state = form.querySelector("[data-draft-state]"), said = form.querySelector("[data-draft-said]");
    const seen = form.elements.draft_seen;
    if (form.elements.device) form.elements.device.value = device();

    const texts = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
    const others = () => state ? Array.from(state.querySelectorAll("[data-texts]"), (one) => JSON.parse(one.dataset.texts)) : [];
    const say = (what) => { if (said) { said.hidden = !what; said.textContent = what || ""; } };
    const keep = (saved) => write(key, { texts: texts(), seen: Number(seen ? seen.value : 0), at: Date.now(), saved });
    let timer = 0, again = 0, round = 0;

    // One request at a time says how the text stands; an answer that a newer one has overtaken is not shown.
    const send = async (what, shows) => {
      if (!address) return;
      const mine = ++round, body = new FormData();
      Object.entries(what.texts).forEach(([name, text]) => body.append(name, text));
      body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      body.append("draft_seen", what.seen);
      body.append("device", device());
      if (shows) body.append("shows", shows);
      clearTimeout(again);
      const answer = await fetch(address, { method: "POST", body, headers: { "X-Requested-With": "fetch" } }).catch(() => null);
      const how = answer && answer.headers.get("Draft-State");
      if (mine !== round) return;
      if (!how) {
        say(answer && answer.status < 500 ? form.dataset.saidSignedOut : form.dataset.saidOffline);
        if (!answer || answer.status >= 500) again = setTimeout(() => send(latest()), 15000);
        return;
      }
      const part = await answer.text();
      if (mine !== round) return;
      state.innerHTML = part;
      if (how !== "saved") { say(""); if (shows && how === "beside") remove(key); return; }
      seen.value = state.querySelector("[data-version]").dataset.version;
      if (!said.dataset.restored) say("");
      if (same(what.texts, texts())) keep(true);
    };
    const latest = () => ({ texts: texts(), seen: Number(seen ? seen.value : 0) });

    const typed = () => {
      if (keep(false)) form.dataset.kept = "yes";
      clearTimeout(timer);
      timer = setTimeout(() => send(latest()), PAUSE);
    };
    form.addEventListener("input", (event) => { if (event.target.type !== "file") { delete (said || {}).dataset?.restored; typed(); } });
    window.addEventListener("online", () => { if (!(read(key) || { saved: true }).saved) send(latest()); });

    // What this device kept and the page does not show.
    const kept = read(key);
    keys().filter((other) => other !== key && other.startsWith(key.slice(0, key.lastIndexOf(":") + 1))).forEach(remove);
    if (!kept || same(kept.texts, texts())) {
      if (kept) keep(kept.saved);
    } else if (others().some((one) => same(one, kept.texts))) {
      keep(true);
    } else if (!form.hasAttribute("data-typed") && (!seen || kept.seen >= Number(seen.value))) {
      // Newer than the page: it was written while the last save was under way.
      if (seen) seen.value = kept.seen;
      fields.forEach((field) => { if (field.name in kept.texts) field.value = kept.texts[field.name]; });
      fields.forEach((field) => { const folded = field.closest("details"); if (folded && field.value) folded.open = true; });
      say(form.dataset.saidRestored);
      if (said) said.dataset.restored = "yes";
      form.dataset.kept = "yes";
      form.dispatchEvent(new CustomEvent("restored", { bubbles: true }));
      send(latest());
    } else {
      send(kept, "newest");
    }
  });
})();
