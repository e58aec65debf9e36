// Menus are <details>: they open without script. With it, Escape and a click outside close them.
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
}
