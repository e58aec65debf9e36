// Messages: one toast at a time for 6 s, longer while hovered or focused; and a polite live region for new counts.
const SHOWN_MS = 6000;

export function watchMessages() {
  next();
  document.addEventListener("htmx:afterSettle", (event) => {
    announce(document.querySelector("#content [data-announce]")?.dataset.announce);
    if (event.target.id === "content") document.title = document.querySelector("#content")?.dataset.title || document.title;
  });
  document.addEventListener("htmx:responseError", () => announce("That did not work. Nothing was changed. Try again."));
  document.addEventListener("htmx:sendError", () => announce("The server cannot be reached. Nothing was changed."));
}

function announce(words) {
  const live = document.getElementById("live");
  if (live && words) live.textContent = words;
}

function next() {
  const toast = document.querySelector(".toasts .toast[hidden]");
  if (!toast) return;
  toast.hidden = false;
  let timer = setTimeout(leave, SHOWN_MS);
  for (const start of ["pointerenter", "focusin"]) toast.addEventListener(start, () => clearTimeout(timer));
  for (const end of ["pointerleave", "focusout"])
    toast.addEventListener(end, () => {
      clearTimeout(timer);
      timer = setTimeout(leave, SHOWN_MS);
    });
  function leave() {
    toast.remove();
    next();
  }
}
