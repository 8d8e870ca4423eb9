// The console by keyboard. Single keys go to a place or put the focus on a button; none of them decides or sends anything.
// They can be switched off, because somebody who dictates or uses a screen reader may press them unmeant (WCAG 2.1.4).
"use strict";

(() => {
  const help = document.querySelector("dialog[data-keys-help]");
  if (!help) return;
  const OFF = "goodstanding:keys-off";
  const isOff = () => { try { return localStorage.getItem(OFF) === "yes"; } catch { return false; } };
  const box = help.querySelector("[data-keys-on]");
  box.checked = !isOff();
  box.addEventListener("change", () => { try { localStorage.setItem(OFF, box.checked ? "no" : "yes"); } catch { /* holds for this page only */ } });

  const rows = () => Array.from(document.querySelectorAll("a.row"));
  const step = (by) => {
    const all = rows(), at = all.indexOf(document.activeElement);
    const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    if (next) next.focus();
  };
  const go = (target) => {
    if (!target) return false;
    const place = target.matches("a[href^='#']") ? document.querySelector(target.getAttribute("href")) : null;
    if (!place) { target.focus(); return true; }
    if (!place.hasAttribute("tabindex")) place.setAttribute("tabindex", "-1");
    place.scrollIntoView();
    place.focus({ preventScroll: true });
    return true;
  };

  document.querySelectorAll("[data-keys-open]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => help.showModal()); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]") || help.open) return;
    if (event.key === "?") { event.preventDefault(); help.showModal(); return; }
    if (!box.checked) return;
    if (event.key === "j" || event.key === "k") { if (rows().length) { event.preventDefault(); step(event.key === "j" ? 1 : -1); } return; }
    if (event.key.length === 1 && go(document.querySelector(`[data-key="${CSS.escape(event.key)}"]`))) event.preventDefault();
  });
})();
