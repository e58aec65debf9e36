// Light and dark: changed at once, kept by the server for the next page.
export function watchTheme() {
  const root = document.documentElement;
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-theme-switch]");
    if (!form) return;
    event.preventDefault();
    const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = root.dataset.theme = theme;
    const body = new FormData(form);
    body.set("theme", theme);
    fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    document.dispatchEvent(new Event("valence:theme"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    if (root.dataset.theme !== "system") return;
    root.dataset.bsTheme = event.matches ? "dark" : "light";
    document.dispatchEvent(new Event("valence:theme"));
  });
}
