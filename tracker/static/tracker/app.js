// Comfort for the keyboard; every page works without it.
"use strict";

const focusable = "a[href], button, input, select, textarea, summary";
const typing = (element) => element.closest("input, select, textarea, [contenteditable]");

// A grid is one tab stop: arrows move from cell to cell, Home and End along the row. A cell's stops are its links, or itself.
function setUpGrid(table) {
  if (table.dataset.ready) return;
  table.dataset.ready = "yes";
  table.setAttribute("role", "grid");
  const rows = [...table.rows].map((row) =>
    [...row.cells].map((cell) => {
      const inner = [...cell.querySelectorAll(focusable)];
      return inner.length ? inner : [cell];
    }),
  );
  const all = rows.flat(2);
  const place = (stop) => {
    for (let r = 0; r < rows.length; r += 1) {
      for (let c = 0; c < rows[r].length; c += 1) {
        const s = rows[r][c].indexOf(stop);
        if (s >= 0) return [r, c, s];
      }
    }
    return null;
  };
  const go = (stop, moveFocus = true) => {
    all.forEach((other) => { other.tabIndex = other === stop ? 0 : -1; });
    if (moveFocus) stop.focus();
  };
  const first = rows.find((row) => row.length && row[0][0].closest("tbody")) || rows[0];
  if (first) go(first[Math.min(1, first.length - 1)][0], false);
  table.addEventListener("focusin", (event) => {
    const stop = all.includes(event.target) ? event.target : null;
    if (stop) go(stop, false);
  });
  table.addEventListener("keydown", (event) => {
    const at = place(event.target);
    if (!at || event.altKey || event.ctrlKey || event.metaKey) return;
    const [r, c, s] = at;
    const onward = getComputedStyle(table).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const row = rows[r];
    const line = row.flat();
    let next = null;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      const other = rows[r + step];
      next = row[c][s + step] || (other && other[Math.min(c, other.length - 1)].at(step > 0 ? 0 : -1));
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const cell = row[c + (event.key === onward ? 1 : -1)];
      next = cell && cell[0];
    } else if (event.key === "Home") {
      next = line[0];
    } else if (event.key === "End") {
      next = line.at(-1);
    }
    if (!next) return;
    event.preventDefault();
    go(next);
  });
}

// On a page that says so (data-keys) j and k go down and up its rows, s takes the step of the row, ? shows the keys; Enter
// follows the row's link, as it does anyway. Single letters can be switched off for a device (WCAG 2.1.4), are left alone
// where somebody writes, and never taken together with another key. A screen reader hears the row by its focus.
const keysKept = "resolves-keys";
const keysAreOn = () => {
  try { return localStorage.getItem(keysKept) !== "off"; } catch { return true; }
};

function setUpKeys(box) {
  box.hidden = false;
  const chosen = box.querySelector("[data-keys-switch]");
  chosen.checked = keysAreOn();
  chosen.addEventListener("change", () => {
    try { localStorage.setItem(keysKept, chosen.checked ? "on" : "off"); } catch { /* kept for this page only */ }
    box.dataset.off = chosen.checked ? "" : "yes";
    sayOfKeys(chosen.checked ? "on" : "off");
  });
}

function sayOfKeys(what) {
  const said = document.querySelector("[data-keys-said]");
  if (!said) return;
  said.textContent = "";
  setTimeout(() => { said.textContent = said.dataset[what]; }, 50);
}

function answerKey(event) {
  const box = document.querySelector("[data-keys]");
  if (!box || event.defaultPrevented || event.isComposing) return;
  if (event.altKey || event.ctrlKey || event.metaKey || typing(event.target)) return;
  if (!keysAreOn() || box.dataset.off === "yes") return;
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  if (event.key === "?") {
    const details = box.querySelector("details");
    details.open = !details.open;
    details.querySelector("summary").focus();
  } else if (event.key === "j" || event.key === "k") {
    const next = event.key === "j" ? rows[here + 1] : rows[here < 0 ? rows.length - 1 : here - 1];
    const link = next && next.querySelector("a[href], button");
    if (link) {
      link.focus();
      next.scrollIntoView({ block: "nearest" });
    } else {
      sayOfKeys(event.key === "j" ? "last" : "first");
    }
  } else if (event.key === "s" && here >= 0) {
    const step = rows[here].querySelector("a[data-step]");
    if (step) step.click();
    else sayOfKeys("nothing");
  } else {
    return;
  }
  event.preventDefault();
}

// An open menu closes by Escape, by a click elsewhere, and when another opens.
function closeMenus(except) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
}

// "/" goes to the search of the page, else to that of its head.
function goToSearch(event) {
  if (event.key !== "/" || event.altKey || event.ctrlKey || event.metaKey || typing(event.target)) return;
  const places = [document.querySelector("#words"), document.querySelector("[data-find]")];
  const place = places.find((one) => one && one.checkVisibility());
  if (!place) return;
  event.preventDefault();
  place.focus();
  if (place.select) place.select();
}

// An address is copied by a button, where the browser can; the field beside it can be copied by hand anywhere.
function setUpCopy(button) {
  if (!navigator.clipboard) return;
  const field = button.parentElement.querySelector("[data-copied]");
  const done = button.parentElement.querySelector("[data-copy-done]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    done.hidden = false;
  });
}

function setUp(root) {
  root.querySelectorAll("[data-copy]").forEach(setUpCopy);
  root.querySelectorAll("table[data-grid]").forEach(setUpGrid);
  root.querySelectorAll("[data-keys]").forEach(setUpKeys);
  const wrong = root.querySelector("[data-focus]");
  if (wrong) wrong.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.menu[open]");
    closeMenus(null);
    if (open && open.contains(document.activeElement)) open.querySelector("summary").focus();
  }
  answerKey(event);
  goToSearch(event);
});
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
// A list that was brought anew takes the focus where what had it is gone with the old one.
document.addEventListener("htmx:afterSettle", () => {
  const list = document.getElementById("listing");
  if (list && (!document.activeElement || document.activeElement === document.body)) list.focus({ preventScroll: true });
});
document.addEventListener("htmx:load", (event) => setUp(event.detail.elt));
setUp(document);
