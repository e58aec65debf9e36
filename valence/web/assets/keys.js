// Keys: `/` search, `g` then a letter for a page, `j` `k` rows, Enter opens, `?` lists them. Off while typing, and in
// the account page for good (WCAG 2.1.4).
const LETTERS = { t: "today", c: "customers", l: "losses", j: "handoffs", m: "model", d: "data", s: "settings" };
let waiting = 0;

export function watchKeys() {
  if (document.body.dataset.keys === "off") return;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (act(event.key)) event.preventDefault();
  });
  document.querySelector("[data-help]")?.addEventListener("click", showHelp);
  document.querySelector("dialog.help [data-close]")?.addEventListener("click", () => help().close());
}

function act(key) {
  if (Date.now() < waiting) return goTo(key);
  if (key === "g") {
    waiting = Date.now() + 1200;
    return false;
  }
  if (key === "/") return focusSearch();
  if (key === "?") return showHelp();
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  return press(key);
}

function isTyping(target) {
  return target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

function goTo(key) {
  waiting = 0;
  const link = document.querySelector(`nav.nav [data-go="${LETTERS[key]}"]`);
  link?.click();
  return Boolean(link);
}

function focusSearch() {
  const box = document.getElementById("q");
  if (!box || !box.offsetParent) return false;
  box.focus();
  box.select();
  return true;
}

function help() {
  return document.querySelector("dialog.help");
}

function showHelp() {
  help()?.showModal();
  return true;
}

// What a row offers by one key, in the row that has the focus: a button or a link that names its key.
function press(key) {
  const row = document.activeElement?.closest("main tr, main li");
  const target = [...(row?.querySelectorAll("[data-key]") ?? [])].find((one) => one.dataset.key === key);
  target?.click();
  return Boolean(target);
}

// The row's first link takes the focus, so that Enter opens it without a rule of ours.
function step(by) {
  const links = [...document.querySelectorAll("main tbody tr, main .list > li, main .tl > li")]
    .filter((row) => row.offsetParent)
    .map((row) => row.querySelector("a[href]"))
    .filter(Boolean);
  if (!links.length) return false;
  const here = links.findIndex((link) => link.closest("tr, li").contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + by, 0), links.length - 1);
  links[next].focus();
  return true;
}
