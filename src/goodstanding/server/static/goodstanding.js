// Small comforts. Every page works without this file.
"use strict";

// Warn before leaving a page with typed text that was not sent.
document.querySelectorAll("form[data-guard]").forEach((form) => {
  let touched = form.dataset.guard === "typed";
  form.addEventListener("input", () => { touched = true; });
  form.addEventListener("submit", () => { touched = false; });
  // Where the text is kept on the device (drafts.js), there is nothing to warn of.
  window.addEventListener("beforeunload", (event) => { if (touched && !form.dataset.kept) event.preventDefault(); });
});

// Count characters; the element is filled from its own translated pattern.
document.querySelectorAll("[data-counts]").forEach((counter) => {
  const field = document.getElementById(counter.dataset.counts);
  const show = () => { counter.textContent = counter.dataset.pattern.replace("{n}", Array.from(field.value).length); };
  field.addEventListener("input", show);
  document.addEventListener("restored", show);
  show();
});

// Check an appeal while it is written, a moment after the last key. The button "Check my text" does the same without this file.
document.querySelectorAll("form[data-checks]").forEach((form) => {
  const shown = form.querySelector("#checks"), said = form.querySelector("[data-checks-said]");
  let timer = 0, asked = 0;
  const check = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked;
      const answer = await fetch(form.dataset.checks, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } }).catch(() => null);
      if (!answer || !answer.ok || mine !== asked) return;
      shown.innerHTML = await answer.text();
      // Read aloud is how many there are, not all of them at each pause.
      const found = shown.querySelector("[data-said]"), told = found ? found.dataset.said : "";
      if (said && said.textContent !== told) said.textContent = told;
    }, 900);
  };
  form.addEventListener("input", check);
  form.addEventListener("restored", check);
});

// A date by which somebody has to act, on the reader's own clock: elsewhere than on Greenwich's it may be another day.
document.querySelectorAll("time[data-local]").forEach((time) => {
  const at = new Date(time.dateTime);
  if (!at.getTimezoneOffset()) return;
  const told = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" }).format(at);
  time.textContent = time.dataset.local.replace("{at}", told);
  time.closest("[data-waits]").removeAttribute("data-waits");
});

// Copy a text; the button says so for a moment.
document.querySelectorAll("button[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.removeAttribute("data-waits");
  const before = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = before; }, 2000);
  });
});

// A form is sent once, however often the button is pressed.
document.querySelectorAll("form[data-once]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-once]").forEach((form) => { delete form.dataset.sent; });
});

// A part of the page that says how far something is: asked for again until it is over, then the whole page is.
document.querySelectorAll("[data-again]").forEach((part) => {
  const look = async () => {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (answer && answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (!fresh || !fresh.dataset.again) return location.reload();
      part.replaceChildren(...fresh.childNodes);
    }
    setTimeout(look, 1000 * part.dataset.again);
  };
  setTimeout(look, 1000 * part.dataset.again);
});

// A passkey that was not used says so on the page.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelectorAll("[data-key-failed]").forEach((one) => { one.hidden = false; });
});
