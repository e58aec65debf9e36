// Menus are <details>: they open without script. With it, Escape and a click outside close them, and what chose a
// filter gives the focus on to that filter.
export function watchMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset?.ask;
    if (question && !confirm(question)) event.preventDefault();
  });
  keepFocusInFilters();
}

// A filter that is chosen or taken off replaces the content, and with it the link that had the focus.
function keepFocusInFilters() {
  let filter = "";
  document.addEventListener("htmx:beforeSwap", () => {
    filter = nameOf(document.activeElement?.closest(".chips > *"));
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!filter || document.activeElement !== document.body) return;
    const now = [...document.querySelectorAll(".chips > *")].find((one) => nameOf(one) === filter);
    now?.querySelector("a.chip-x, summary")?.focus({ preventScroll: true });
    filter = "";
  });
}

// "Theme" both of the chip "Theme Bill" and of the menu that offers it.
function nameOf(filter) {
  const named = filter?.querySelector("summary") ?? filter;
  return [...(named?.childNodes ?? [])].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())?.data.trim() ?? "";
}
