// Runs before the first paint: says that script runs, and sets light or dark where the person follows the system.
const root = document.documentElement;
root.classList.add("js");
if (root.dataset.theme === "system")
  root.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
